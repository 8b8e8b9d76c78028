require "digest"
require "fileutils"

require_relative "downloads"
require_relative "refused"
require_relative "lxc/configuration"
require_relative "lxc/network"
require_relative "node"
require_relative "preflight/preflight"
require_relative "provider"
require_relative "secrets"
require_relative "settings"

module Millrace
  # The lab of the checkout this process stands in; made by the Vagrantfile, which names the checkout.
  def self.lab(root = nil) = @lab ||= Lab.new(root)

  Machine = Struct.new(:name, :address, :memory, :cpus, :box, keyword_init: true)

  # The merged settings of one checkout, and where its own files lie.
  class Lab
    attr_reader :root, :settings

    def initialize(root)
      @root = File.realpath(root)
      @settings = Settings.read(@root)
    end

    def subnet = settings.fetch("subnet")

    # The bridge of LXC machines; a name of at most 15 characters, one for each subnet.
    def bridge = "lab-#{subnet.tr('.', '-')}"

    # Tells this checkout's machines from another's.
    def mark = Digest::SHA256.hexdigest(root)[0, 6]

    # A machine's name with the provider. vagrant-libvirt puts the machine's own behind a prefix.
    def name_of(machine, provider) = provider == "libvirt" ? "#{libvirt_prefix}#{machine}" : "millrace-#{machine}-#{mark}"

    def libvirt_prefix = "millrace-#{mark}-"

    def provider = @provider ||= Choice.new(settings.fetch("provider")).provider

    def kvm? = Choice.kvm?

    def host_address = "#{subnet}.1"

    # Addresses and networks beside this host that may use the services.
    def clients = settings.fetch("clients")

    def machines
      settings.fetch("machines").map do |name, machine|
        Machine.new(name: name, address: "#{subnet}.#{machine.fetch('address')}", memory: machine.fetch("memory"),
                    cpus: machine.fetch("cpus"), box: machine.fetch("box"))
      end
    end

    # What every guest may read. Not the checkout itself: it holds the other machines' secrets.
    def guest_folders
      @guest_folders ||= Settings.content(path("ansible", "group_vars", "all.yml"))
                                 .values_at("millrace_code", "millrace_provisioning").flatten.sort
    end

    def path(*names) = File.join(root, *names)

    # A folder or file of the lab's own on this host; git ignores all of them.
    def state(*names)
      path(".lab", *names).tap { |file| FileUtils.mkdir_p(File.dirname(file)) }
    end

    # A folder or file that every checkout of this user shares; the same place as in lab/location.py.
    def downloads(*names)
      named = settings["cache"].to_s
      base = ENV["XDG_CACHE_HOME"].to_s.empty? ? File.join(Dir.home, ".cache") : ENV["XDG_CACHE_HOME"]
      folder = named.empty? ? File.join(base, "millrace") : File.expand_path(named, root)
      File.join(folder, *names).tap { |file| FileUtils.mkdir_p(File.dirname(file)) }
    end

    # Where Vagrant keeps what it knows of this checkout's machines.
    def vagrant_folder = File.expand_path(ENV.fetch("VAGRANT_DOTFILE_PATH", ".vagrant"), root)

    # All that must be there before a machine comes up. Machines come up at the same time: the first one does it.
    def prepare(machine)
      provider = machine.provider_name.to_s
      PREPARING.synchronize do
        @prepared ||= prepare_host(provider)
        refuse(Preflight.new(self, provider).box_missing(release(machine.name))) unless machine.id
      end
      LxcConfiguration.of(machine.id).remove_block if provider == "lxc" && machine.id
    end

    # Machines that were made before the firewall was there, or without a rule for it, reach each other as well.
    def prepare_provision(machine)
      write_files
      LxcNetwork.new(self).guard if machine.provider_name.to_s == "lxc"
    end

    # What the provisioning uploads. Vagrant processes of several machines may be at it at once.
    def write_files
      File.open(state("files.lock"), File::CREAT | File::RDWR) do |lock|
        lock.flock(File::LOCK_EX)
        Secrets.new(self).write
        write_host_files
        Downloads.new(self).prepare
      end
    end

    private

    def prepare_host(provider)
      refuse(Preflight.new(self, provider).failures.first)
      write_files
      LxcNetwork.new(self).ensure if provider == "lxc"
      true
    end

    def refuse(sentence)
      raise Refused, sentence if sentence
    end

    def release(name) = machines.find { |machine| machine.name == name.to_s }.box

    PREPARING = Mutex.new
    private_constant :PREPARING

    def write_host_files
      if RUBY_PLATFORM.include?("linux")
        Shell.run("sh", path("vagrant", "host-files.sh"), state("host"))
      else
        FileUtils.mkdir_p(state("host", "certificates"))
        %w[apt.conf sources.list environment].each { |name| FileUtils.touch(state("host", name)) }
      end
    end
  end
end
