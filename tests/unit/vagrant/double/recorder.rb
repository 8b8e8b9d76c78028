# Evaluates a Vagrantfile without Vagrant and prints, as JSON, all that it asked for: {provider: {machine: [calls]}}.
require "json"
require_relative "vagrant/errors"

# Remembers every call and assignment; a block gets a recorder of its own.
class Recorder
  attr_reader :calls

  def initialize
    @calls = []
  end

  def respond_to_missing?(*) = true

  def method_missing(name, *arguments, **options, &block)
    return child(name) if arguments.empty? && options.empty? && block.nil?

    inner = block && record(block)
    @calls << [name, arguments, options, inner&.map(&:calls)]
    nil
  end

  private

  def child(name)
    @children ||= {}
    @children[name] ||= Recorder.new.tap { |made| @calls << [name, [], {}, [made.calls]] }
  end

  def record(block)
    made = Array.new(block.arity.abs) { Recorder.new }
    block.call(*made)
    made
  end
end

# Remembers nothing of a trigger's Ruby: what it would do is not evaluated.
class Trigger < Recorder
  def ruby(*) = nil
end

module Vagrant
  PLUGINS = %w[vagrant-libvirt vagrant-lxc].freeze

  class << self
    attr_reader :recorded

    def configure(_version)
      @recorded = Configuration.new
      yield @recorded
    end

    def has_plugin?(name) = PLUGINS.include?(name)

    def plugin(*)
      Class.new do
        def self.name(*) = "plugin"

        def self.command(*) = nil
      end
    end
  end

  # The outermost object, whose machines are kept apart.
  class Configuration
    attr_reader :machines

    def initialize
      @machines = {}
      @rest = Recorder.new
    end

    def vm = self

    def trigger
      Class.new do
        def before(*) = yield(Trigger.new)

        alias_method :after, :before
      end.new
    end

    def synced_folder(*arguments, **options) = @rest.synced_folder(*arguments, **options)

    def box_check_update=(value)
      @rest.box_check_update(value)
    end

    def define(name)
      yield(@machines[name] = Recorder.new)
    end
  end
end

load ARGV.fetch(0)
puts JSON.generate(Vagrant.recorded.machines.transform_values(&:calls))
