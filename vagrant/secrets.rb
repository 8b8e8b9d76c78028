require "securerandom"
require "yaml"

require_relative "certificates"

module Millrace
  # The lab's passwords, keys and certificates: made once on this host, each machine given only its own.
  class Secrets
    PASSWORDS = %w[mysql_migrate_password mysql_spark_password mysql_superset_password mysql_reader_password
                   mysql_producer_password superset_secret_key superset_admin_password superset_viewer_password
                   notebook_token spark_secret record_key kafka_broker_password kafka_admin_password kafka_producer_password
                   kafka_stream_password kafka_reader_password kafka_person_password].freeze
    OWN = {
      "kafka" => %w[mysql_reader_password mysql_producer_password kafka_cluster_id kafka_broker_password kafka_admin_password
                    kafka_producer_password kafka_stream_password kafka_reader_password kafka_person_password
                    kafka_key kafka_certificate ca_certificate record_key],
      "mysql" => %w[mysql_migrate_password mysql_spark_password mysql_superset_password mysql_reader_password
                    mysql_producer_password mysql_key mysql_certificate ca_certificate],
      "spark" => %w[mysql_spark_password mysql_reader_password notebook_token spark_secret kafka_stream_password
                    kafka_person_password ca_certificate record_key],
      "superset" => %w[mysql_superset_password mysql_reader_password
                       superset_secret_key superset_admin_password superset_viewer_password superset_key
                       superset_certificate ca_certificate]
    }.freeze

    def initialize(lab)
      @lab = lab
    end

    # The file that is uploaded to this machine; written by `write`.
    def file_for(machine) = @lab.state("secrets", "#{machine}.yml")

    def write
      secrets = load_or_make
      @lab.machines.each do |machine|
        own = secrets.slice(*OWN.fetch(machine.name, []))
        write_private(file_for(machine.name), YAML.dump(own))
      end
      write_private(@lab.state("ca.pem"), secrets.fetch("ca_certificate"))
    end

    private

    def load_or_make
      file = @lab.state("secrets.yml")
      known = File.exist?(file) ? YAML.safe_load(File.read(file)) || {} : {}
      addresses = @lab.machines.to_h { |machine| [machine.name, machine.address] }
      complete = make.merge(known).merge(Certificates.new(known, addresses).all)
      write_private(file, YAML.dump(complete)) unless complete == known
      complete
    end

    def make
      # A Kafka cluster's id is 16 bytes in URL-safe base64, and may not begin with a dash.
      cluster = "M#{SecureRandom.urlsafe_base64(16)[1..]}"
      PASSWORDS.to_h { |name| [name, SecureRandom.alphanumeric(32)] }.merge("kafka_cluster_id" => cluster)
    end

    # Written beside and renamed: a half-written file would lock everyone out of a lab that is already up.
    def write_private(file, text)
      return if File.exist?(file) && File.read(file) == text

      FileUtils.mkdir_p(File.dirname(file))
      temporary = "#{file}.#{Process.pid}"
      File.open(temporary, File::WRONLY | File::CREAT | File::TRUNC, 0o600) { |out| out.write(text) }
      File.rename(temporary, file)
    end
  end
end
