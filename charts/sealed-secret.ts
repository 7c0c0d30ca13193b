import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { SealedSecret as SealedSecretObject } from '../imports/bitnami.com';
import { scopeAnnotations } from '../model/scope';
import type { Sealed } from '../model/sealed';
import type { Server } from '../model/spec';
import { labelsOf } from './labels';

/** The SealedSecret that becomes the Secret which the pods read. Takes ciphertext and nothing else. */
export class SealedSecret extends SealedSecretObject {
  constructor(scope: Construct, id: string, server: Server, sealed: Sealed) {
    const [first] = sealed.values();
    const annotations = scopeAnnotations(first?.scope ?? 'strict');
    // Alike on the object and its template: a rotation by the controller copies one over the other (0.36.6).
    const metadata = {
      name: server.secretName,
      namespace: server.namespace,
      labels: labelsOf(server),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
    super(scope, id, {
      metadata,
      spec: {
        encryptedData: Object.fromEntries([...sealed].map(([key, { ciphertext }]) => [key, ciphertext])),
        template: { metadata, type: 'Opaque' },
      },
    });
  }
}

/**
 * The annotation on the pod template that changes with any ciphertext: a changed Secret does not restart pods that read
 * it through their environment. The prefix keeps it text; bare hex can read as a number.
 */
export function rolloutAnnotations({ platform }: Server, sealed: Sealed): Record<string, string> {
  const lines = [...sealed].map(([key, { ciphertext }]) => `${key}=${ciphertext}`).sort();
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
  return { [`${platform.annotationDomain}/sealed`]: `sha256-${digest}` };
}
