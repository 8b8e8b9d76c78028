require_relative "../shell"

module Millrace
  # A container's configuration file, of which Vagrant owns one block.
  class LxcConfiguration
    BLOCK = /^# VAGRANT-BEGIN.*?^# VAGRANT-END\n/m

    def self.of(name)
      folder = Shell.run("lxc-config", "lxc.lxcpath").strip
      new(File.join(folder, name, "config"))
    end

    def initialize(file)
      @file = file
    end

    # vagrant-lxc, run by root, writes the file without its block over the longer one and leaves the old end standing:
    # with every start the container would mount its folders once more. So the block goes before it comes to that.
    def remove_block
      return unless File.writable?(@file)

      text = File.read(@file)
      rest = text.gsub(BLOCK, "")
      File.write(@file, rest) unless rest == text
    end
  end
end
