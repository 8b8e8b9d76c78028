require_relative "../shell"

module Millrace
  # The two networks of LXC machines on this host: LXC's own bridge with NAT, and the lab's bridge.
  class LxcNetwork
    # The kernel's last choice (2^32 - 2^24 - 1024): the bridge's own route wins while it stands.
    LAST_METRIC = "4278198272".freeze
    PID_FILE = "/run/lxc/dnsmasq.pid".freeze
    UP_MARK = "/run/lxc/network_up".freeze
    IPTABLES = %w[iptables --wait].freeze

    # Whether the process that gives guests addresses and names is alive.
    def self.dnsmasq?(file = PID_FILE)
      pid = File.read(file).to_i
      pid.positive? && File.read("/proc/#{pid}/comm").strip == "dnsmasq"
    rescue SystemCallError
      false
    end

    def initialize(lab)
      @lab = lab
    end

    # Makes what is missing, and may run again or twice at once.
    def ensure
      File.open(@lab.state("network.lock"), File::CREAT | File::RDWR) do |lock|
        lock.flock(File::LOCK_EX)
        start_management unless serves?
        guard_route
        make_bridge unless File.directory?("/sys/class/net/#{@lab.bridge}")
        guard
      end
    end

    # Frames from machine to machine pass, whatever this host's firewall does with other packets that it forwards: Docker
    # has it drop them, and br_netfilter asks it about frames that never leave the bridge. From outside only the lab's
    # clients are let in.
    def guard
      return unless Shell.root?(*IPTABLES, "--version")

      [outside, *clients, neighbours].each do |rule|
        Shell.root(*IPTABLES, "-I", *rule) unless Shell.root?(*IPTABLES, "-C", *rule)
      end
    end

    # The bridge may outlive its dnsmasq, and then gives guests neither an address nor names.
    def serves? = up?("lxcbr0") && LxcNetwork.dnsmasq?

    # Who keeps LXC's dnsmasq from its port, as a sentence; nil where nobody does. One that listens on certain addresses is
    # not in its way.
    def name_service_taken
      heard = Shell.try(*Shell.as_root, "ss", "-Hlntup", "sport = :53").to_s.lines
      taken = heard.find { |line| line.split[4].to_s.match?(/\A(0\.0\.0\.0|\*|\[::\]):53\z/) } or return
      "Port 53 of this host belongs to #{taken[/users:\(\("([^"]+)"/, 1] || 'another program'} on every address, so LXC's " \
        "own name service cannot start: have it listen on certain addresses only (dnsmasq: bind-interfaces; unbound: " \
        "interface: 127.0.0.1; a container: -p 127.0.0.1:53:53/udp), or stop it."
    end

    private

    # These rules, known by the bridge, are removed in lab/host/destroy.py.
    def neighbours = ["FORWARD", "-i", @lab.bridge, "-o", @lab.bridge, "-j", "ACCEPT"]

    def clients = @lab.clients.map { |client| ["FORWARD", "-s", client, "-o", @lab.bridge, "-j", "ACCEPT"] }

    def outside = ["FORWARD", "!", "-i", @lab.bridge, "-o", @lab.bridge, "-j", "DROP"]

    def up?(interface)
      Shell.try("ip", "-4", "-o", "addr", "show", "dev", interface).to_s.include?("inet ")
    end

    def start_management
      systemd = File.directory?("/run/systemd/system")
      # A script that finds its own mark does nothing, and its `stop` would kill whoever has dnsmasq's old number now.
      Shell.root("rm", "-f", PID_FILE, UP_MARK) unless LxcNetwork.dnsmasq?
      Shell.root(*(systemd ? %w[systemctl restart lxc-net] : %w[/usr/libexec/lxc/lxc-net start]))
      return if serves?

      raise Refused, name_service_taken || "LXC's bridge lxcbr0 did not come up; set USE_LXC_BRIDGE=\"true\" in " \
                                           "/etc/default/lxc-net, then try again."
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
