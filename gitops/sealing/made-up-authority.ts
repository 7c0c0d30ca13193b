import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its private key, both PEM. */
export interface MadeUpPair {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own and a certificate for one host name from it, valid around now; for tests of TLS. */
export function madeUpAuthority(host: string): { ca: string; server: MadeUpPair } {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: 'made-up authority', key: authority.privateKey };
  return {
    ca: certificate('made-up authority', authority.publicKey, issuer, [
      extension(basicConstraints, sequence(der(0x01, Buffer.of(0xff)))),
    ]),
    server: {
      cert: certificate(host, server.publicKey, issuer, [
        extension(subjectAltName, sequence(der(0x82, Buffer.from(host)))),
      ]),
      key: String(server.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    },
  };
}

/** An X.509 certificate (RFC 5280), signed with ECDSA and SHA-256, valid from an hour ago to an hour from now. */
function certificate(
  subject: string,
  publicKey: KeyObject,
  issuer: { name: string; key: KeyObject },
  extensions: readonly Buffer[],
): string {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    sequence(ecdsaWithSha256),
    nameOf(issuer.name),
    sequence(timeOf(Date.now() - 3_600_000), timeOf(Date.now() + 3_600_000)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.key);
  const whole = sequence(body, sequence(ecdsaWithSha256), der(0x03, Buffer.concat([Buffer.of(0), signature])));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
}

function timeOf(time: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, der(0x04, value));
}

function objectId(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

const ecdsaWithSha256 = objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const basicConstraints = objectId(0x55, 0x1d, 0x13);
const subjectAltName = objectId(0x55, 0x1d, 0x11);
