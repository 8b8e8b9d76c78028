require "openssl"

module Millrace
  # The lab's own authority, and certificates of machines that it signs: a client knows by them that it speaks to this
  # lab. Keys are of the curve P-256, in PKCS #8, which Kafka reads and no other; certificates X.509 version 3; all of
  # them as PEM, among the lab's secrets.
  class Certificates
    SERVED = %w[kafka mysql superset].freeze
    YEAR = 365 * 24 * 3600
    YEARS = 20

    # `known`: the secrets that there are; `addresses` of the machines, by name.
    def initialize(known, addresses)
      @known = known
      @addresses = addresses
    end

    # What stands there already stays, unless its machine has another address now or another authority has signed it.
    def all
      SERVED.reduce(authority) do |made, machine|
        name = "#{machine}_certificate"
        fits?(@known[name], machine, made) ? made.merge(@known.slice("#{machine}_key", name)) : made.merge(signed(machine, made))
      end
    end

    private

    def authority
      names = %w[ca_key ca_certificate]
      return @known.slice(*names) if names.all? { |name| @known.key?(name) }

      key = OpenSSL::PKey::EC.generate("prime256v1")
      subject = OpenSSL::X509::Name.new([["CN", "Millrace lab"]])
      certificate = certificate(subject, key) do |extensions|
        [extensions.create_extension("basicConstraints", "CA:TRUE,pathlen:0", true),
         extensions.create_extension("keyUsage", "keyCertSign,cRLSign", true),
         extensions.create_extension("subjectKeyIdentifier", "hash")]
      end
      { "ca_key" => key.private_to_pem, "ca_certificate" => certificate.sign(key, "SHA256").to_pem }
    end

    def signed(machine, made)
      issuer = OpenSSL::X509::Certificate.new(made.fetch("ca_certificate"))
      key = OpenSSL::PKey::EC.generate("prime256v1")
      subject = OpenSSL::X509::Name.new([["CN", machine]])
      certificate = certificate(subject, key, issuer) do |extensions|
        [extensions.create_extension("basicConstraints", "CA:FALSE", true),
         extensions.create_extension("extendedKeyUsage", "serverAuth"),
         extensions.create_extension("subjectKeyIdentifier", "hash"),
         extensions.create_extension("authorityKeyIdentifier", "keyid:always"),
         extensions.create_extension("subjectAltName", names(machine))]
      end
      certificate.sign(OpenSSL::PKey.read(made.fetch("ca_key")), "SHA256")
      { "#{machine}_key" => key.private_to_pem, "#{machine}_certificate" => certificate.to_pem }
    end

    def certificate(subject, key, issuer = nil)
      OpenSSL::X509::Certificate.new.tap do |made|
        made.version = 2
        made.serial = OpenSSL::BN.rand(128)
        made.subject = subject
        made.issuer = issuer ? issuer.subject : subject
        made.public_key = key
        # A machine's clock may be some hours behind.
        made.not_before = Time.now - (24 * 3600)
        made.not_after = Time.now + (YEARS * YEAR)
        made.extensions = yield(OpenSSL::X509::ExtensionFactory.new(issuer || made, made))
      end
    end

    def names(machine) = "DNS:#{machine},IP:#{@addresses.fetch(machine)}"

    def fits?(pem, machine, made)
      return false unless pem && @known.key?("#{machine}_key")

      certificate = OpenSSL::X509::Certificate.new(pem)
      authority = OpenSSL::X509::Certificate.new(made.fetch("ca_certificate"))
      named = certificate.extensions.find { |extension| extension.oid == "subjectAltName" }&.value.to_s
      certificate.verify(authority.public_key) && named.split(", ").include?("IP Address:#{@addresses.fetch(machine)}")
    end
  end
end
