/** Problems of certificates, sealed values and plaintext. */
export const ofSealing = {
  'SEAL-MISSING': {
    means: 'a secret has no sealed value',
    fix: 'run the command in the message',
  },
  'SEAL-FORM': {
    means: 'a sealed value is damaged, or is not ciphertext',
    fix: 'seal it again',
  },
  'SEAL-LABEL': {
    means: 'a value was sealed for another namespace',
    fix: 'seal it again',
  },
  'SEAL-SCOPE': {
    means:
      'a value is strict, which binds it to one name, but the name of the Secret changes with its values; or its scope is unknown',
    fix: 'seal it again without `--scope`',
  },
  'SEAL-MIXED': {
    means: 'the values of one Secret have different scopes',
    fix: 'seal those in the message again without `--scope`',
  },
  'SEAL-SAMPLE': {
    means: 'a value is sealed under the sample certificate, which no cluster can decrypt',
    fix: "pin the cluster's certificate and seal the same value again",
  },
  'SEAL-UNUSED': {
    means: "a value is sealed under a key that is not among the server's secrets; perhaps a typo",
    fix: 'add it to `secrets`, correct the key, or `seal -- drop` it',
  },
  'SEAL-ROTATION': {
    means:
      'the command would lose a value of a running rotation, is too early because both values are not delivered yet, or finds no rotation to finish',
    fix: 'follow the steps in the message',
  },
  'SEAL-WRITE': {
    means: 'a sealed file cannot be written, or another command changed it in the meantime; the file is unchanged',
    fix: 'fix the cause in the message and run the command again',
  },
  'SEAL-ELSEWHERE': {
    means: 'the secrets of this platform are not sealed here: they are in a store, or in a Secret managed elsewhere',
    fix: 'change the value there; the message names the place',
  },
  'CERT-NONE': {
    means: 'there is no certificate to seal with, or the file does not contain one',
    fix: "fetch the cluster's: `npm run seal -- fetch-cert <url or file>`",
  },
  'CERT-NOT-RSA': {
    means: 'the certificate has no RSA key, so nothing can be sealed under it',
    fix: "fetch the cluster's: `npm run seal -- fetch-cert <url or file>`",
  },
  'CERT-WEAK': {
    means: 'the RSA key of the certificate is too short',
    fix: "fetch the cluster's: `npm run seal -- fetch-cert <url or file>`",
  },
  'CERT-EXPIRED': {
    means: 'the certificate has expired',
    fix: 'fetch the current one and pin it',
  },
  'CERT-PIN': {
    means: 'the certificate is not the pinned one',
    fix: 'restore the file, or pin the new certificate if the change is intended; seal a value under another one again, with the same value',
  },
  'CERT-SOON': {
    means: 'a warning: the certificate expires within 30 days',
    fix: 'fetch the current one soon',
  },
  'CERT-OLD': {
    means: 'a warning: the cluster has probably renewed the certificate',
    fix: 'fetch the current one soon',
  },
  'CERT-FUTURE': {
    means: 'a warning: the certificate is not valid yet',
    fix: 'check the clock of this machine',
  },
  'CERT-EXTRA': {
    means: 'a warning: the file contains more than one certificate, and the first is used',
    fix: 'remove the others',
  },
  'CERT-FETCH': {
    means: 'the address does not return a certificate, or not over a secure connection',
    fix: 'correct the address, or give a PEM file; the message has the response',
  },
  'SECRET-EMPTY': {
    means: 'a value is empty',
    fix: 'give a value, or confirm it with `--allow-empty`; for the worker secret, use `--generate`',
  },
  'SECRET-NEWLINE': {
    means: 'a value ends in a newline',
    fix: 'add `--trim-newline`, or confirm it with `--keep-newline`',
  },
  'SECRET-SIZE': {
    means:
      'a value is longer than an environment variable can be (131072 bytes with its name), or a Secret than 1 MiB; or a worker secret has more than 100 characters, which the engine refuses, or fewer than 16',
    fix: 'use a value of another length',
  },
  'SECRET-ENCODING': {
    means:
      'a value is UTF-16, starts with a byte order mark, or has bytes that an environment variable cannot contain; as a warning: it is not UTF-8',
    fix: 'save it as UTF-8 without a byte order mark; seal binary data as base64',
  },
  'SECRET-ARGV': {
    means: 'a value is on the command line, where every user of the machine can read it',
    fix: 'change the value, and pass the new one on standard input',
  },
  'SECRET-INPUT': {
    means: 'a value cannot be read from the given source',
    fix: 'fix the cause in the message',
  },
  'SECRET-OUTPUT': {
    means: 'a value cannot be written to the given destination',
    fix: 'fix the cause in the message',
  },
  'SECRET-LEAK': {
    means: 'plaintext is under a key that is named like a secret',
    fix: 'seal it, or rename the key',
  },
} as const;
