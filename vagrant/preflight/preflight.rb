require "socket"

require_relative "../boxes"
require_relative "../lxc/network"
require_relative "host_only_range"
require_relative "other_labs"
require_relative "resources"
require_relative "../shell"

module Millrace
  # What must be true before a machine is made. Each check answers nil, or one sentence with its mend.
  class Preflight
    LXC_MEMORY = 8 * 1024
    HOST_MEMORY = 3 * 1024
    DISK = 12 * 1024
    LEFT_BEHIND = {
      "lxc" => "`make destroy` removes them",
      "libvirt" => "remove each with `virsh --connect qemu:///system destroy NAME` and then `undefine NAME " \
                   "--remove-all-storage`",
      "virtualbox" => "remove each with `VBoxManage controlvm NAME poweroff` and then `VBoxManage unregistervm NAME " \
                      "--delete`"
    }.freeze

    def initialize(lab, provider)
      @lab = lab
      @provider = provider
    end

    # Everything but the boxes, which `make up` builds itself where it can.
    def failures
      missing = provider_missing
      # Where it is not there, nothing else can be asked of it.
      return [missing] if missing

      found = [other_lab, host_only_range, left_behind]
      found += [memory, disk, subnet_taken, name_service] if fresh?
      found.compact
    end

    def box_missing(release)
      return if Boxes.new(@lab).find(@provider, release).url

      "There is no #{@provider} box of #{release}: build it with `make boxes PROVIDER=#{@provider}` on " \
        "Linux or WSL2, or name a file or URL and its sha256 under boxes.#{@provider} in lab.local.yml."
    end

    private

    # A lab that is already made uses memory, disk and the subnet itself.
    def fresh? = Dir.glob(id_file("*")).empty?

    def id_file(machine) = File.join(@lab.vagrant_folder, "machines", machine, @provider, "id")

    def provider_missing
      case @provider
      when "virtualbox" then virtualbox_missing
      when "libvirt" then plugin_missing || libvirt_missing
      when "lxc" then lxc_missing || plugin_missing
      end
    end

    def virtualbox_missing
      return if Resources.virtualbox_version

      "VirtualBox is not installed: install it, or on Linux set `provider: lxc` in lab.local.yml."
    end

    def lxc_missing
      return "LXC runs on Linux only: install VirtualBox and set `provider: virtualbox`." unless Resources.linux?
      return if Shell.try("lxc-create", "--version")

      "LXC is not installed: install the packages lxc and dnsmasq-base, or let `make up` do it."
    end

    def libvirt_missing
      return if Shell.try("virsh", "--connect", "qemu:///system", "version")

      "libvirt does not answer: install libvirt-daemon-system, start libvirtd, and join its group libvirt."
    end

    def plugin_missing
      name = "vagrant-#{@provider}"
      return if Vagrant.has_plugin?(name)

      "Vagrant has no plugin #{name}: install the package #{name}, or let `make up` do it."
    end

    def other_lab
      other = OtherLabs.new(@lab).on_our_subnet(@provider) or return
      "Another lab, that of #{other}, runs on #{@lab.subnet}.0/24: remove it with `make destroy CHECKOUT=#{other}`, or " \
        "give this one another `subnet` in lab.local.yml."
    end

    # Vagrant does not know them, but there they are: made by a checkout that stood here and was deleted, or by one
    # that was killed before Vagrant had written down what it made.
    def left_behind
      unknown = @lab.machines.map(&:name).reject { |name| File.exist?(id_file(name)) }
      names = unknown.empty? ? [] : OtherLabs.new(@lab).left_behind(@provider, unknown)
      return if names.empty?

      "#{names.join(', ')}: left behind by an earlier lab of #{@lab.root}, or being made by a command that still " \
        "runs; where none does, #{LEFT_BEHIND.fetch(@provider)}."
    end

    def host_only_range
      HostOnlyRange.new(@lab.subnet).refusal if @provider == "virtualbox"
    end

    def name_service
      network = LxcNetwork.new(@lab)
      network.name_service_taken if @provider == "lxc" && !network.serves?
    end

    def memory
      wanted = @provider == "lxc" ? LXC_MEMORY : @lab.machines.sum(&:memory) + HOST_MEMORY
      have = @provider == "lxc" ? Resources.memory_available : Resources.memory
      return if have.nil? || have >= wanted

      "The lab needs #{wanted} MB of memory and this host has #{have}: close something large, or give the machines " \
        "less `memory` in lab.local.yml."
    end

    def disk
      free = Resources.disk_free(@lab.root)
      return if free.nil? || free >= DISK

      "The lab needs #{DISK} MB of disk and #{@lab.root} has #{free} free: make room, or move the checkout."
    end

    def subnet_taken
      taken = Resources.interface_in("#{@lab.subnet}.0/24", except: @lab.bridge) or return
      "The subnet #{@lab.subnet}.0/24 is in use by #{taken} on this host: give the lab another, such as " \
        "`subnet: 192.168.56`, in lab.local.yml."
    end
  end
end
