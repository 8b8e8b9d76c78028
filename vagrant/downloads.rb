require "digest"
require "fileutils"

require_relative "shell"

module Millrace
  # What every checkout of this user shares: the guests' cache, and what the host knows of the trees in it.
  #
  # Each guest has a folder of its own there, and sees no other's. Guests of other checkouts and of later days have the
  # same: what they unpack is decided by `trees.sha256`, which no guest can write: a tree is written down once, by its
  # SHA-256, and is that tree for ever. So are Superset's own tables, which are SQL.
  class Downloads
    # Finished trees only: one that is being written has another ending.
    TREES = ["*/trees/*.tar.zst", "*/venvs/*.tar", "superset/tables/*.sql"].freeze

    def initialize(lab)
      @lab = lab
    end

    def cache(*names) = @lab.downloads("cache", *names)

    def index = @lab.downloads("trees.sha256")

    # Before a guest is provisioned: what it may unpack stands where it can read it.
    def prepare
      adopt
      record
      FileUtils.mkdir_p(@lab.state("host"))
      FileUtils.cp(index, @lab.state("host", "trees.sha256"))
    end

    # Writes down the trees that are new; removes those that are no longer what was written down, and says so.
    def record
      locked do
        known = read
        before = known.dup
        trees.each { |name| check(name, known) if changed?(name, known) }
        write(known) if known != before || !File.exist?(index)
        FileUtils.touch(index)
      end
    end

    private

    # A checkout's own cache of before moves here. Machines have it mounted under its old name, which goes on leading there.
    def adopt
      old = @lab.state("cache")
      return FileUtils.mkdir_p(cache) if File.symlink?(old) || !File.directory?(old)
      # The machines' folders are there already, since they are to be shared.
      return if Dir.glob("*/*", base: cache).any?

      locked do
        FileUtils.rm_rf(cache)
        move(old)
        File.symlink(cache, old) unless File.exist?(old)
        @lab.machines.each { |machine| FileUtils.mkdir_p(cache(machine.name)) }
      end
    end

    # Across file systems a copy: the old one stays for the machines that have it mounted.
    def move(old)
      File.rename(old, cache)
    rescue Errno::EXDEV
      Shell.root("cp", "-a", old, cache)
    end

    def locked
      File.open(@lab.downloads("trees.lock"), File::CREAT | File::RDWR) do |lock|
        lock.flock(File::LOCK_EX)
        yield
      end
    end

    # A folder that a guest has made a link would lead to files of the host's own.
    def trees
      real = File.realpath(cache)
      names = TREES.flat_map { |pattern| Dir.glob(pattern, base: real) }.sort
      names.select { |name| File.realpath(File.dirname(name), real) == File.join(real, File.dirname(name)) }
    end

    # No guest can set the time of a file's last change; the index is touched after every look.
    def changed?(name, known)
      !known.key?(name) || File.lstat(File.join(cache, name)).ctime >= File.mtime(index)
    end

    def check(name, known)
      file = File.join(cache, name)
      return remove(file, "no plain file") unless File.lstat(file).file?

      sum = Digest::SHA256.file(file).hexdigest
      remove(file, "not what #{index} says") unless (known[name] ||= sum) == sum
    end

    def remove(file, why)
      Shell.root("rm", "-f", "--", file)
      warn "#{file} was #{why}, and is removed; it is built anew. To keep a new one, delete its line there."
    end

    def read
      return {} unless File.exist?(index)

      File.readlines(index, chomp: true).to_h { |line| line.split("  ", 2).reverse }
    end

    def write(known)
      File.write("#{index}.new", known.sort.map { |name, sum| "#{sum}  #{name}\n" }.join)
      File.rename("#{index}.new", index)
    end
  end
end
