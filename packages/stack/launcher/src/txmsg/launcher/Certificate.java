package txmsg.launcher;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The proxy insists on a TLS key pair even for plain-text clients, and by default makes an RSA key at
 * every start, which costs seconds. An elliptic-curve key made once and kept costs nothing.
 */
final class Certificate {
  private static final Duration VALIDITY = Duration.ofDays(3650);

  private Certificate() {}

  /** Writes key.pem and cert.pem into the directory unless they are there. */
  static void ensure(Path directory) throws Exception {
    Path certFile = directory.resolve("cert.pem");
    if (Files.exists(certFile)) return;
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();
    X500Name name = new X500Name("CN=localhost");
    Instant now = Instant.now();
    byte[] certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.valueOf(now.toEpochMilli()),
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(VALIDITY)),
                name,
                pair.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
            .getEncoded();
    write(directory.resolve("key.pem"), "PRIVATE KEY", pair.getPrivate().getEncoded());
    write(certFile, "CERTIFICATE", certificate);
  }

  private static void write(Path file, String label, byte[] der) throws Exception {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String pem = "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.write(temporary, pem.getBytes(StandardCharsets.US_ASCII));
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
