require_relative "../shell"

module Millrace
  # The labs of other checkouts on this host, and what is left of one that stood where ours stands. Their machines
  # carry the checkout's path and their subnet.
  class OtherLabs
    VIRSH = ["virsh", "--connect", "qemu:///system"].freeze

    def initialize(lab)
      @lab = lab
    end

    # The checkout of another lab that runs on our addresses, or nil.
    def on_our_subnet(provider)
      marks = { "lxc" => method(:lxc), "libvirt" => method(:libvirt), "virtualbox" => method(:virtualbox) }
      found = marks.fetch(provider).call.find { |subnet, checkout| subnet == @lab.subnet && checkout != @lab.root }
      found&.last
    end

    # Which of these machines of this lab the provider has, running or not.
    def left_behind(provider, machines)
      found = {
        "lxc" => -> { Shell.root("lxc-ls", "-1").split },
        "libvirt" => -> { Shell.try(*VIRSH, "list", "--all", "--name").to_s.split },
        "virtualbox" => -> { virtualbox_names("vms") }
      }.fetch(provider).call
      found & machines.map { |machine| @lab.name_of(machine, provider) }
    end

    # How a machine of this lab is marked.
    def self.mark(lab) = "#{lab.subnet} #{lab.root}"

    private

    def lxc
      running = Shell.root("lxc-ls", "--running", "-1").split
      folder = Shell.run("lxc-config", "lxc.lxcpath").strip
      running.grep(/^millrace-/).filter_map { |name| parse(lxc_mark("#{folder}/#{name}/config")) }
    end

    # Containers kept in another folder are listed too, and are none of ours.
    def lxc_mark(file)
      Shell.root("cat", file)[/^lxc\.environment\s*=\s*MILLRACE_LAB=(.+)$/, 1]
    rescue Refused
      nil
    end

    def libvirt
      names = Shell.try(*VIRSH, "list", "--name").to_s.split
      names.grep(/^millrace-/).filter_map { |name| parse(Shell.try(*VIRSH, "desc", name)) }
    end

    def virtualbox
      virtualbox_names("runningvms").filter_map do |name|
        parse(Shell.try("VBoxManage", "getextradata", name, "millrace/lab").to_s[/^Value: (.+)$/, 1])
      end
    end

    def virtualbox_names(which) = Shell.try("VBoxManage", "list", which).to_s.scan(/^"(millrace-[^"]+)"/).flatten

    def parse(mark)
      subnet, checkout = mark.to_s.strip.split(" ", 2)
      checkout && [subnet, checkout]
    end
  end
end
