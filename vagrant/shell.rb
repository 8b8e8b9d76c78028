require "open3"

module Millrace
  # Commands on the host, some as root.
  module Shell
    module_function

    # The command's output, or nil where it fails or is not there.
    def try(*command)
      output, status = Open3.capture2e(*command)
      status.success? ? output : nil
    rescue Errno::ENOENT
      nil
    end

    def run(*command)
      output, status = Open3.capture2e(*command)
      return output if status.success?

      raise Refused, "`#{command.join(' ')}` failed: #{output.strip.lines.last.to_s.strip}"
    end

    def root(*command) = run(*as_root, *command)

    # Whether it went well as root; false where there is no such command.
    def root?(*command) = !try(*as_root, *command).nil?

    def as_root = Process.uid.zero? ? [] : ["sudo"]
  end
end
