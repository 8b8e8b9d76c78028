require "ipaddr"
require_relative "../shell"

module Millrace
  # The two networks of LXC machines on this host: LXC's own bridge with NAT, and the lab's bridge.
  class LxcNetwork
    # The kernel's last choice (2^32 - 2^24 - 1024): the bridge's own route wins while it stands.
    LAST_METRIC = "4278198272".freeze
    PID_FILE = "/run/lxc/dnsmasq.pid".freeze
    UP_MARK = "/run/lxc/network_up".freeze
    SETTINGS = "/etc/default/lxc-net".freeze
    EVERYBODY = "0.0.0.0/0".freeze
    USUAL_ADDRESS = "10.0.3.1".freeze
    EVERY_ADDRESS = /\A(0\.0\.0\.0|\*|\[::\])\z/
    IPTABLES = %w[iptables --wait].freeze
    WITHOUT_RULES = "iptables does not run on this host, so other computers could reach the lab's machines through it: " \
                    "install the package iptables, or bring the lab up by `make up`, which does.".freeze

    # The process that gives guests addresses and names; nil where it is not alive.
    def self.dnsmasq(file = PID_FILE)
      pid = File.read(file).to_i
      pid if pid.positive? && File.read("/proc/#{pid}/comm").strip == "dnsmasq"
    rescue SystemCallError
      nil
    end

    # The address of LXC's bridge, also where there is no bridge yet.
    def self.address(file = SETTINGS)
      File.read(file)[/^\s*LXC_ADDR=["']?([\d.]+)/, 1] || USUAL_ADDRESS
    rescue SystemCallError
      USUAL_ADDRESS
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
    # clients are let in, and none that was one before.
    def guard
      raise Refused, WITHOUT_RULES unless Shell.root?(*IPTABLES, "--version")

      [outside, *@lab.clients.map { |client| entry(client) }, neighbours].each do |rule|
        Shell.root(*IPTABLES, "-I", *rule) unless Shell.root?(*IPTABLES, "-C", *rule)
      end
      # Another process may be at it as well.
      former_clients.each { |client| Shell.root?(*IPTABLES, "-D", *entry(client)) }
    end

    # The bridge may outlive its dnsmasq, and then gives guests neither an address nor names.
    def serves? = up?("lxcbr0") && !LxcNetwork.dnsmasq.nil?

    # Who keeps LXC's dnsmasq from its port, as a sentence; nil where nobody does. One that listens on other addresses is
    # not in its way.
    def name_service_taken
      heard = Shell.try(*Shell.as_root, "ss", "-Hlntup", "sport = :53").to_s.lines.reject { |line| own?(line) }
      if (taken = heard.find { |line| heard_at(line).match?(EVERY_ADDRESS) })
        "#{belongs(taken)} on every address, so LXC's own name service cannot start: have it listen on certain addresses " \
          "only (dnsmasq: bind-interfaces; unbound: interface: 127.0.0.1; a container: -p 127.0.0.1:53:53/udp), or stop it."
      elsif (taken = heard.find { |line| heard_at(line) == LxcNetwork.address })
        "#{belongs(taken)} on #{LxcNetwork.address}, the address of LXC's bridge, so LXC's own name service cannot start: " \
          "have it listen on other addresses only, or stop it."
      end
    end

    private

    # Of a line of ss: whether it is LXC's dnsmasq that listens, at which address, and whose it is.
    def own?(line) = (own = LxcNetwork.dnsmasq) && line.include?("pid=#{own},")

    # A device stands behind each address of one that listens there alone, as 0.0.0.0%eth1.
    def heard_at(line) = line.split[4].to_s.delete_suffix(":53").sub(/\A(?!0\.0\.0\.0|\*|\[::\])([^%]+)%.*/, '\\1')

    def belongs(line)
      name, pid = line.match(/users:\(\("([^"]+)",pid=(\d+)/)&.captures
      "Port 53 of this host belongs to #{name ? "#{name} (process #{pid})" : 'another program'}"
    end

    # These rules, known by the bridge, are removed in lab/host/destroy.py.
    def neighbours = ["FORWARD", "-i", @lab.bridge, "-o", @lab.bridge, "-j", "ACCEPT"]

    def entry(client) = ["FORWARD", "-s", client, "-o", @lab.bridge, "-j", "ACCEPT"]

    # Networks that have such a rule and are no clients any more. iptables writes an address as a network, and all of them
    # as nothing.
    def former_clients
      rule = /\A-A FORWARD (?:-s (\S+) )?-o #{Regexp.escape(@lab.bridge)} -j ACCEPT\z/
      rules = Shell.root(*IPTABLES, "-S", "FORWARD").lines(chomp: true)
      listed = rules.grep(rule) { Regexp.last_match(1) || EVERYBODY }
      listed - @lab.clients.map { |client| IPAddr.new(client).then { |network| "#{network}/#{network.prefix}" } }
    end

    def outside = ["FORWARD", "!", "-i", @lab.bridge, "-o", @lab.bridge, "-j", "DROP"]

    def up?(interface)
      Shell.try("ip", "-4", "-o", "addr", "show", "dev", interface).to_s.include?("inet ")
    end

    def start_management
      systemd = File.directory?("/run/systemd/system")
      # A script that finds its own mark does nothing, and its `stop` would kill whoever has dnsmasq's old number now.
      Shell.root("rm", "-f", PID_FILE, UP_MARK) unless LxcNetwork.dnsmasq
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
