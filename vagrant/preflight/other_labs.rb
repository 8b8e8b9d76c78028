require_relative "../shell"

module Millrace
  # The labs of other checkouts on this host. Their machines carry the checkout's path and their subnet.
  class OtherLabs
    def initialize(lab)
      @lab = lab
    end

    # The checkout of another lab that runs on our addresses, or nil.
    def on_our_subnet(provider)
      marks = { "lxc" => method(:lxc), "libvirt" => method(:libvirt), "virtualbox" => method(:virtualbox) }
      found = marks.fetch(provider).call.find { |subnet, checkout| subnet == @lab.subnet && checkout != @lab.root }
      found&.last
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
      virsh = ["virsh", "--connect", "qemu:///system"]
      names = Shell.try(*virsh, "list", "--name").to_s.split
      names.grep(/^millrace-/).filter_map { |name| parse(Shell.try(*virsh, "desc", name)) }
    end

    def virtualbox
      names = Shell.try("VBoxManage", "list", "runningvms").to_s.scan(/^"(millrace-[^"]+)"/).flatten
      names.filter_map do |name|
        parse(Shell.try("VBoxManage", "getextradata", name, "millrace/lab").to_s[/^Value: (.+)$/, 1])
      end
    end

    def parse(mark)
      subnet, checkout = mark.to_s.strip.split(" ", 2)
      checkout && [subnet, checkout]
    end
  end
end
