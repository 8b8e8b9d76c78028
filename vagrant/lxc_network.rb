require_relative "shell"

module Millrace
  # The two networks of LXC machines on this host: LXC's own bridge with NAT, and the lab's bridge.
  class LxcNetwork
    # The kernel's last choice (2^32 - 2^24 - 1024): the bridge's own route wins while it stands.
    LAST_METRIC = "4278198272".freeze

    def initialize(lab)
      @lab = lab
    end

    # Makes what is missing, and may run again or twice at once.
    def ensure
      File.open(@lab.state("network.lock"), File::CREAT | File::RDWR) do |lock|
        lock.flock(File::LOCK_EX)
        start_management unless up?("lxcbr0")
        guard_route
        make_bridge unless File.directory?("/sys/class/net/#{@lab.bridge}")
      end
    end

    private

    def up?(interface)
      Shell.try("ip", "-4", "-o", "addr", "show", "dev", interface).to_s.include?("inet ")
    end

    def start_management
      if File.directory?("/run/systemd/system")
        Shell.root("systemctl", "start", "lxc-net")
      else
        Shell.root("/usr/libexec/lxc/lxc-net", "start")
      end
      return if up?("lxcbr0")

      raise Refused, "LXC's bridge lxcbr0 did not come up; set USE_LXC_BRIDGE=\"true\" in /etc/default/lxc-net, " \
                     "then try again."
    end

    # Without the bridge, packets for the lab must not leave by the default route.
    def guard_route
      Shell.root("ip", "route", "add", *route) unless guarded?
    end

    def guarded?
      Shell.try("ip", "-4", "route", "show", "type", "unreachable").to_s.include?("#{@lab.subnet}.0/24")
    end

    def route = ["unreachable", "#{@lab.subnet}.0/24", "metric", LAST_METRIC]

    def make_bridge
      Shell.root("ip", "link", "add", @lab.bridge, "type", "bridge")
      Shell.root("ip", "addr", "add", "#{@lab.host_address}/24", "dev", @lab.bridge)
      Shell.root("ip", "link", "set", @lab.bridge, "up")
    end
  end
end
