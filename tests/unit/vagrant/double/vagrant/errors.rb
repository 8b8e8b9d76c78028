# Stands for Vagrant's own errors, so that the project's Ruby loads without Vagrant.
module Vagrant
  module Errors
    class VagrantError < StandardError
      def initialize(*) = super(error_message)
    end
  end
end
