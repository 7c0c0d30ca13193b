import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

/** A certificate with its key, as PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

export interface Leaf {
  /** The alternative names it is for: hosts, or addresses. */
  readonly names: readonly string[];
  /** @default - 90 */
  readonly daysLeft?: number;
}

/** A new private certificate authority: real chains for real handshakes, trusted only where a test says so. */
export function privateAuthority() {
  const pair = keyPair();
  const certificate = unsigned('Test Authority', 'Test Authority', pair.publicKey, 365);
  certificate.setExtensions([{ name: 'basicConstraints', cA: true, critical: true }]);
  certificate.sign(pair.privateKey, forge.md.sha256.create());
  return {
    /** The certificate to trust. */
    pem: forge.pki.certificateToPem(certificate),
    issue({ names, daysLeft = 90 }: Leaf): Certified {
      const [first = ''] = names;
      const leaf = unsigned(first, 'Test Authority', leafPair.publicKey, daysLeft);
      // 2 is dNSName, 7 is iPAddress (RFC 5280).
      const altNames = names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }));
      leaf.setExtensions([{ name: 'subjectAltName', altNames }]);
      leaf.sign(pair.privateKey, forge.md.sha256.create());
      return { cert: forge.pki.certificateToPem(leaf), key: leafPair.pem };
    },
  };
}

function unsigned(name: string, issuer: string, publicKey: forge.pki.PublicKey, daysLeft: number) {
  const certificate = forge.pki.createCertificate();
  serial += 1;
  certificate.serialNumber = `01${serial.toString(16).padStart(8, '0')}`;
  certificate.validity.notBefore = new Date(Date.now() - 100 * day);
  certificate.validity.notAfter = new Date(Date.now() + daysLeft * day + day / 2);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer }]);
  certificate.publicKey = publicKey;
  return certificate;
}

let serial = 0;
const day = 86_400_000;

/** Node makes the pair in a tenth of a second; the library takes seconds. */
function keyPair() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const key = forge.pki.privateKeyFromPem(pem);
  return { pem, privateKey: key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e) };
}

/** One key for all leaves: only their certificates differ. */
const leafPair = keyPair();
