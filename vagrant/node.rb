require_relative "boxes"
require_relative "downloads"
require_relative "lxc/machine_key"
require_relative "preflight/other_labs"
require_relative "secrets"

module Millrace
  # One machine as Vagrant sees it: its box, its network, its folders, its provisioning.
  class Node
    def initialize(lab, machine)
      @lab = lab
      @machine = machine
    end

    def define(node)
      node.vm.hostname = @machine.name
      # Emulation without KVM takes minutes to boot.
      node.vm.boot_timeout = 900
      define_lxc(node)
      define_libvirt(node)
      define_virtualbox(node)
      define_provisioning(node)
    end

    private

    def define_lxc(node)
      node.vm.provider :lxc do |lxc, override|
        use_box(override, "lxc")
        share(override, "lxc")
        override.ssh.private_key_path = key.files(@machine.name)
        override.ssh.insert_key = false
        lxc.container_name = @lab.name_of(@machine.name, "lxc")
        lxc.ssh_ip_addr = @machine.address
        lxc.tmpfs_mount_size = ""
        lxc_settings.each { |key, value| lxc.customize(key, value) }
      end
    end

    # The lab's own NIC stands in the container's configuration, so that a restart inside the guest keeps it.
    def lxc_settings
      {
        "environment" => "MILLRACE_LAB=#{OtherLabs.mark(@lab)}",
        "net.0.type" => "veth", "net.0.link" => "lxcbr0", "net.0.flags" => "up", "net.0.name" => "eth0",
        "net.1.type" => "veth", "net.1.link" => @lab.bridge, "net.1.flags" => "up", "net.1.name" => "eth1",
        "net.1.ipv4.address" => "#{@machine.address}/24",
        "hook.pre-start" => key.hook,
        memory_limit_key => "#{@machine.memory}M"
      }
    end

    def key = MachineKey.new(@lab)

    def memory_limit_key
      File.directory?("/sys/fs/cgroup/memory") ? "cgroup.memory.limit_in_bytes" : "cgroup2.memory.max"
    end

    def define_libvirt(node)
      node.vm.provider :libvirt do |libvirt, override|
        use_box(override, "libvirt")
        share(override, "rsync")
        override.vm.network :private_network, ip: @machine.address, libvirt__network_name: @lab.bridge,
                                              libvirt__dhcp_enabled: false
        libvirt.default_prefix = @lab.libvirt_prefix
        libvirt.description = OtherLabs.mark(@lab)
        libvirt.memory = @machine.memory
        libvirt.cpus = @machine.cpus
        libvirt.qemu_use_session = false
        libvirt.driver = @lab.kvm? ? "kvm" : "qemu"
      end
    end

    def define_virtualbox(node)
      node.vm.provider :virtualbox do |virtualbox, override|
        use_box(override, "virtualbox")
        share(override, "virtualbox")
        override.vm.network :private_network, ip: @machine.address
        virtualbox.name = @lab.name_of(@machine.name, "virtualbox")
        virtualbox.memory = @machine.memory
        virtualbox.cpus = @machine.cpus
        virtualbox.linked_clone = true
        virtualbox.customize ["setextradata", :id, "millrace/lab", OtherLabs.mark(@lab)]
      end
    end

    def use_box(override, provider)
      box = Boxes.new(@lab).find(provider, @machine.box)
      override.vm.box = box.name
      return unless box.url

      override.vm.box_url = box.url
      override.vm.box_download_checksum = box.sha256
      override.vm.box_download_checksum_type = "sha256"
    end

    def share(override, type)
      @lab.guest_folders.each { |folder| share_folder(override, @lab.path(folder), "/vagrant/#{folder}", type) }
      share_folder(override, @lab.state("host"), "/vagrant/host", type)
      cache = Downloads.new(@lab).cache(@machine.name)
      share_folder(override, cache, "/var/cache/millrace/#{@machine.name}", type, writable: true)
    end

    def share_folder(override, from, to, type, writable: false)
      FileUtils.mkdir_p(from)
      # vagrant-lxc fails where its type is named; without a name Vagrant takes it.
      options = { "lxc" => { mount_options: ["bind", "create=dir", writable ? "rw" : "ro"] },
                  "rsync" => { type: "rsync", rsync__args: %w[-a --delete], rsync__exclude: ["__pycache__/"] },
                  "virtualbox" => { type: "virtualbox", mount_options: [writable ? "rw" : "ro"] } }.fetch(type)
      override.vm.synced_folder from, to, **options
    end

    def define_provisioning(node)
      node.vm.provision "secrets-upload", type: "file", source: Secrets.new(@lab).file_for(@machine.name),
                                          destination: "/home/vagrant/.millrace-secrets.yml"
      %w[secrets host ansible].each do |step|
        node.vm.provision step, type: "shell", path: @lab.path("vagrant", "guest", "#{step}.sh")
      end
      node.vm.provision("site", type: "ansible_local") { |ansible| configure_ansible(ansible, "site.yml") }
      return unless @machine.name == "spark"

      # Only where a person asks for it: `make notebook`.
      node.vm.provision("notebook", type: "ansible_local", run: "never") do |ansible|
        configure_ansible(ansible, "notebook.yml")
      end
    end

    # VirtualBox's shared folder is writable by everyone, and there Ansible ignores a configuration it merely finds.
    def configure_ansible(ansible, playbook)
      ansible.install = false
      ansible.compatibility_mode = "2.0"
      ansible.provisioning_path = "/vagrant/ansible"
      ansible.config_file = "/vagrant/ansible/ansible.cfg"
      ansible.playbook = playbook
      ansible.limit = @machine.name
      ansible.extra_vars = { lab: @lab.settings }
    end
  end
end
