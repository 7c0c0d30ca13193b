import type { Construct } from 'constructs';
import { SealedSecret as SealedSecretObject } from '../imports/bitnami.com';
import { defaultScope, scopeAnnotations } from '../model/scope';
import type { Sealed } from '../model/sealed';
import type { Server } from '../model/spec';
import { labelsOf } from './labels';

/** The SealedSecret that creates the pods' Secret. Accepts only ciphertext. */
export class SealedSecret extends SealedSecretObject {
  /** @param name the name of the Secret that the pods reference */
  constructor(scope: Construct, id: string, server: Server, sealed: Sealed, name: string) {
    const [first] = sealed.values();
    const annotations = scopeAnnotations(first?.scope ?? defaultScope);
    // The same on the object and its template: a rotation by the controller copies one over the other (0.36.6).
    const metadata = {
      name,
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
