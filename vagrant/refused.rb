require "vagrant/errors"

module Millrace
  # One sentence for the person at the prompt: what is wrong, and the mend.
  class Refused < Vagrant::Errors::VagrantError
    def initialize(sentence)
      @sentence = sentence
      super()
    end

    # The mark lets `make up` find the sentence among what Vagrant prints.
    def error_message = "✗ #{@sentence}"
  end
end
