require_relative "preflight/resources"

module Millrace
  Provider = Struct.new(:name, :why, keyword_init: true)

  # Which provider brings the machines up on this host, and why.
  class Choice
    NAMES = %w[virtualbox libvirt lxc].freeze
    KVM_GET_API_VERSION = 0xAE00

    def initialize(wanted)
      @wanted = wanted
    end

    def provider
      return choose if @wanted == "auto"
      return Provider.new(name: @wanted, why: "lab.yml asks for it") if NAMES.include?(@wanted)

      raise Refused, "lab.yml's provider '#{@wanted}' is unknown; choose auto, virtualbox, libvirt or lxc."
    end

    # /dev/kvm may be there on a host whose processor offers no virtualisation: ask the processor and the device.
    def self.kvm?
      File.read("/proc/cpuinfo").match?(/^flags\s*:.*\b(vmx|svm)\b/) &&
        File.open("/dev/kvm", File::RDWR) { |kvm| kvm.ioctl(KVM_GET_API_VERSION, 0) == 12 }
    rescue SystemCallError
      false
    end

    private

    def choose
      return Provider.new(name: "virtualbox", why: "VirtualBox is installed") if virtualbox?
      return Provider.new(name: "virtualbox", why: "it is what runs on this system") unless linux?
      return Provider.new(name: "libvirt", why: "the processor and /dev/kvm can run virtual machines") if libvirt?

      Provider.new(name: "lxc", why: "there is no VirtualBox, and no usable KVM with vagrant-libvirt")
    end

    def linux? = Resources.linux?

    def virtualbox? = !Resources.virtualbox_version.nil?

    def libvirt?
      self.class.kvm? && Vagrant.has_plugin?("vagrant-libvirt")
    end
  end
end
