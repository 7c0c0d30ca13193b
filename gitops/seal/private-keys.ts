import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../../model/problem';
import { readReason } from './system-error';

/**
 * Reads the private keys in a PEM file, PKCS#1 or PKCS#8, one or several; other blocks are passed over. For recovery and
 * tests: whoever has such a key reads every secret of the cluster.
 * @throws Problem SEAL-OPEN
 */
export function readPrivateKeys(path: string): KeyObject[] {
  const file = resolve(path);
  const text = readText(file);
  const blocks = text.match(/-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]*?-----END (?:RSA )?PRIVATE KEY-----/g) ?? [];
  if (blocks.length === 0) throw unusable(file, 'no private key in PEM form is in it');
  return blocks.map((pem) => {
    const key = parse(pem, file);
    if (key.asymmetricKeyType !== 'rsa') throw unusable(file, 'it is not an RSA key');
    return key;
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(path, readReason(error), error);
  }
}

function parse(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw unusable(file, 'the key is damaged', error);
  }
}

function unusable(file: string, reason: string, cause?: unknown): Problem {
  return new Problem('SEAL-OPEN', `Cannot use the private key in ${file}: ${reason}`, {
    fix: 'name a PEM file with a sealing key of the cluster: the tls.key of a secret labelled sealedsecrets.bitnami.com/sealed-secrets-key',
    cause,
  });
}
