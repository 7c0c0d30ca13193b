import type { Construct } from 'constructs';
import {
  ExternalSecretSpecTargetCreationPolicy as CreationPolicy,
  ExternalSecretSpecTargetDeletionPolicy as DeletionPolicy,
  ExternalSecret as ExternalSecretObject,
  ExternalSecretSpecSecretStoreRefKind as StoreKind,
} from '../imports/external-secrets.io';
import { type ExternalStore, remoteRefsOf } from '../model/secret-store';
import type { Server } from '../model/spec';
import { labelsOf } from './labels';

/** The ExternalSecret that becomes the Secret which the pods read: where each value lies, and no value. */
export class ExternalSecret extends ExternalSecretObject {
  /** @param name the name that the pods ask for; the operator gives the Secret the labels of this object (1.3.2) */
  constructor(scope: Construct, id: string, server: Server, { store, refresh }: ExternalStore, name: string) {
    super(scope, id, {
      metadata: { name, namespace: server.namespace, labels: labelsOf(server) },
      spec: {
        secretStoreRef: { kind: storeKinds[store.kind], name: store.name },
        refreshInterval: refresh,
        target: {
          name,
          // The Secret goes when this object goes, as it does with a SealedSecret.
          creationPolicy: CreationPolicy.OWNER,
          // A store that loses a key, or is away, changes no Secret that pods run on, and is reported. With the other
          // policies the operator leaves a missing key out and says nothing (1.3.2, getProviderSecretData).
          deletionPolicy: DeletionPolicy.RETAIN,
        },
        data: [...remoteRefsOf(server)].map(([secretKey, remoteRef]) => ({ secretKey, remoteRef })),
      },
    });
  }
}

const storeKinds = {
  SecretStore: StoreKind.SECRET_STORE,
  ClusterSecretStore: StoreKind.CLUSTER_SECRET_STORE,
} as const satisfies Record<ExternalStore['store']['kind'], StoreKind>;
