require "json"

require_relative "preflight"

module Millrace
  # `vagrant lab-check`: the checks alone, as JSON for `make up`; nothing is made.
  class Check < Vagrant.plugin("2", :command)
    def self.synopsis = "checks whether the lab can come up, without making anything"

    def execute
      lab = Millrace.lab
      name = ENV.fetch("VAGRANT_DEFAULT_PROVIDER", lab.provider.name)
      answer = { provider: name, why: lab.provider.why, failures: Preflight.new(lab, name).failures,
                 missing_boxes: Boxes.new(lab).missing(name) }
      $stdout.puts(answer.to_json)
      0
    end
  end

  # Makes the command known to Vagrant.
  class Plugin < Vagrant.plugin("2")
    name "millrace"
    command("lab-check") { Check }
  end
end
