require "ipaddr"

require_relative "resources"

module Millrace
  # VirtualBox from 6.1.28 on refuses host-only networks outside 192.168.56.0/21 on Linux and macOS, unless
  # /etc/vbox/networks.conf allows them; it would say so only after the first machine is made.
  class HostOnlyRange
    FILE = "/etc/vbox/networks.conf".freeze
    DEFAULT = "192.168.56.0/21".freeze
    SINCE = Gem::Version.new("6.1.28")

    def initialize(subnet, file: FILE, version: Resources.virtualbox_version, windows: Resources.windows?)
      @network = "#{subnet}.0/24"
      @file = file
      @version = version
      @windows = windows
    end

    def refusal
      return if @windows || @version.nil? || @version < SINCE || allowed?

      "VirtualBox refuses the network #{@network}: either put the line `* #{@network}` into #{@file}, " \
        "or `subnet: 192.168.56` into lab.local.yml."
    end

    private

    # With a file, only what stands in it is allowed; `*` opens each of its lines.
    def allowed?
      ranges.any? { |range| contains?(range) }
    end

    def ranges
      return [DEFAULT] unless File.exist?(@file)

      File.readlines(@file).grep(/^\s*\*/).flat_map { |line| line.sub("*", "").split }
    end

    def contains?(range)
      outer = IPAddr.new(range)
      inner = IPAddr.new(@network).to_range
      outer.include?(inner.first) && outer.include?(inner.last)
    rescue IPAddr::Error
      false
    end
  end
end
