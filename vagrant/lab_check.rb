require "json"

require_relative "preflight/preflight"

module Millrace
  # `vagrant lab-check`: the checks and the states of the machines, as JSON for `make up`; nothing is made.
  class Check < Vagrant.plugin("2", :command)
    def self.synopsis = "checks whether the lab can come up, without making anything"

    def execute
      lab = Millrace.lab
      name = ENV.fetch("VAGRANT_DEFAULT_PROVIDER", lab.provider.name)
      answer = { provider: name, why: lab.provider.why, failures: Preflight.new(lab, name).failures,
                 missing_boxes: Boxes.new(lab).missing(name), machines: states }
      $stdout.puts(answer.to_json)
      0
    end

    private

    def states
      [].tap do |found|
        with_target_vms { |one| found << { name: one.name, provider: one.provider_name, state: one.state.id } }
      end
    end
  end

  # Makes the command known to Vagrant.
  class Plugin < Vagrant.plugin("2")
    name "millrace"
    command("lab-check") { Check }
  end
end
