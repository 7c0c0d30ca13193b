import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Problem } from '../../servers/problem';
import { systemCode } from './system-error';

/**
 * Reads the private keys in a PEM file, PKCS#1 or PKCS#8, one or several; other blocks are passed over. For recovery and
 * tests: whoever has such a key reads every secret of the cluster.
 * @throws Problem SEAL-OPEN
 */
export function readPrivateKeys(path: string): KeyObject[] {
  const text = readText(path);
  const blocks = text.match(/-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]*?-----END (?:RSA )?PRIVATE KEY-----/g) ?? [];
  if (blocks.length === 0) throw unusable('no private key in PEM form is in the file');
  return blocks.map((pem) => {
    const key = parse(pem);
    if (key.asymmetricKeyType !== 'rsa') throw unusable('it is not an RSA key');
    return key;
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(systemCode(error) ?? 'it is not a file', error);
  }
}

function parse(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw unusable('the key is damaged', error);
  }
}

function unusable(reason: string, cause?: unknown): Problem {
  return new Problem('SEAL-OPEN', `Cannot use the private key: ${reason}`, {
    fix: 'name a PEM file with a sealing key of the cluster: the tls.key of a secret labelled sealedsecrets.bitnami.com/sealed-secrets-key',
    cause,
  });
}
