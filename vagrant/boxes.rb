module Millrace
  Box = Struct.new(:name, :url, :sha256, keyword_init: true)

  # Where a provider's box comes from: lab.yml names a file or URL with its SHA-256, else `make boxes` built it here.
  class Boxes
    def initialize(lab)
      @lab = lab
    end

    # A box without url is not there yet; the checks before `vagrant up` say so.
    def find(provider, release)
      declared(provider, release) || built(provider, release) || Box.new(name: "millrace-#{release}")
    end

    def missing(provider)
      releases = @lab.machines.map(&:box).uniq
      releases.reject { |release| find(provider, release).url }
    end

    private

    def declared(provider, release)
      given = @lab.settings.dig("boxes", provider, release) or return
      where = given["url"] || given["file"]
      sha256 = given["sha256"]
      unless where && sha256
        raise Refused, "lab.yml's boxes.#{provider}.#{release} needs a url or file and its sha256; add what is missing."
      end

      Box.new(name: box_name(release, sha256), url: where.include?("://") ? where : File.expand_path(where, @lab.root),
              sha256: sha256)
    end

    def built(provider, release)
      file = @lab.state("boxes", "#{provider}-#{release}.box")
      sum = "#{file}.sha256"
      return unless File.exist?(file) && File.exist?(sum)

      sha256 = File.read(sum)[0, 64]
      Box.new(name: box_name(release, sha256), url: file, sha256: sha256)
    end

    # The sum stands in the name, or Vagrant would go on using an older box it has under that name.
    def box_name(release, sha256) = "millrace-#{release}-#{sha256[0, 12]}"
  end
end
