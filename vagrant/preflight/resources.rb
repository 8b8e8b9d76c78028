require "ipaddr"
require "socket"

require_relative "../shell"

module Millrace
  # What this host has, on Linux, macOS and Windows; megabytes. nil where the system does not tell.
  module Resources
    module_function

    def linux? = RUBY_PLATFORM.include?("linux")

    def windows? = RUBY_PLATFORM.match?(/mswin|mingw|cygwin/)

    def memory
      if linux? then meminfo("MemTotal")
      elsif windows? then bytes(powershell("(Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory"))
      else bytes(Shell.try("sysctl", "-n", "hw.memsize"))
      end
    end

    def memory_available = linux? ? meminfo("MemAvailable") : nil

    def disk_free(folder)
      return bytes(powershell("(Get-Item -LiteralPath '#{folder}').PSDrive.Free")) if windows?

      kilobytes = Shell.try("df", "-Pk", folder).to_s.lines.last.to_s.split[3]
      kilobytes && (kilobytes.to_i / 1024)
    end

    # The name of a network interface that has an address in the subnet. VirtualBox keeps its host-only networks when
    # their machines are gone, and takes them again; only Linux gives them a name that tells.
    def interface_in(subnet, except:)
      return unless linux?

      range = IPAddr.new(subnet)
      Socket.getifaddrs.find do |found|
        found.addr&.ipv4? && range.include?(found.addr.ip_address) && found.name != except &&
          !found.name.start_with?("vboxnet")
      end&.name
    end

    def virtualbox_version
      program = ENV.key?("VBOX_MSI_INSTALL_PATH") ? File.join(ENV["VBOX_MSI_INSTALL_PATH"], "VBoxManage") : "VBoxManage"
      # Its first lines may be warnings about its kernel module.
      version = Shell.try(program, "--version").to_s[/^\d+\.\d+\.\d+/]
      version && Gem::Version.new(version)
    end

    def meminfo(key) = File.read("/proc/meminfo")[/^#{key}:\s+(\d+) kB/, 1].to_i / 1024

    def powershell(expression) = Shell.try("powershell", "-NoProfile", "-Command", expression)

    def bytes(text) = text.to_s.match?(/\d/) ? text.to_i / (1024 * 1024) : nil
  end
end
