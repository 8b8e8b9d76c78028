require "yaml"

require_relative "refused"

module Millrace
  # lab.yml under lab.local.yml, as millrace/lab_files.py merges them, for hosts that have Vagrant only.
  module Settings
    module_function

    def read(root)
      # An overlay makes a second lab beside the first, such as the one of `make test-vm`.
      above = ["lab.local.yml", ENV.fetch("MILLRACE_OVERLAY", "")].reject(&:empty?).map { |name| File.expand_path(name, root) }
      above.select { |file| File.exist?(file) }.map { |file| content(file) || {} }
           .inject(content(File.join(root, "lab.yml"))) { |below, over| merge(below, over) }
    end

    def content(file)
      found = YAML.safe_load(File.read(file, encoding: "UTF-8"), aliases: true)
      return found if found.is_a?(Hash) || (found.nil? && File.basename(file) != "lab.yml")

      raise Refused, "#{File.basename(file)} must hold keys and values."
    rescue Psych::SyntaxError => e
      raise Refused, "#{File.basename(file)} is no YAML at line #{e.line}: #{e.problem}; mend that line."
    rescue Psych::Exception => e
      raise Refused, "#{File.basename(file)} is not readable YAML: #{e.message}."
    end

    def merge(below, above)
      below.merge(above) { |_key, old, new| old.is_a?(Hash) && new.is_a?(Hash) ? merge(old, new) : new }
    end
  end
end
