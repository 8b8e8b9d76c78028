require_relative "../shell"

module Millrace
  # The key by which this lab's containers let Vagrant in, from their first boot on.
  class MachineKey
    # Of an older release, whose machines had Vagrant put a key of its own into each after the first boot.
    OLDER = "private_key".freeze

    def initialize(lab)
      @lab = lab
    end

    # Private keys that a machine may know; made where there is none, for Vagrant refuses a name without a file.
    def files(machine)
      older = File.join(@lab.vagrant_folder, "machines", machine, "lxc", OLDER)
      [made, older].select { |file| File.file?(file) }
    end

    # What LXC does as root before it starts a container.
    def hook = %(sh "#{@lab.path('vagrant', 'lxc', 'own-key.sh')}" "#{public_file}" "#{@lab.path('boxes', 'vagrant.pub')}")

    private

    def public_file = "#{file}.pub"

    def file = @lab.state("machine_key")

    def made
      File.open(@lab.state("machine_key.lock"), File::CREAT | File::RDWR) do |lock|
        lock.flock(File::LOCK_EX)
        # Of a kind that Vagrant's library for ssh reads without further ones.
        Shell.run("ssh-keygen", "-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-C", "millrace", "-f", file) unless File.file?(public_file)
      end
      file
    end
  end
end
