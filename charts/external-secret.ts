import type { Construct } from 'constructs';
import {
  ExternalSecretSpecTargetCreationPolicy as CreationPolicy,
  ExternalSecretSpecTargetDeletionPolicy as DeletionPolicy,
  ExternalSecret as ExternalSecretObject,
  ExternalSecretSpecSecretStoreRefKind as StoreKind,
} from '../imports/external-secrets.io';
import { type ExternalStore, remoteRefsOf } from '../model/secret-store';
import type { Server } from '../model/spec';
import { labelsOf, versionLabel } from './labels';

/** The ExternalSecret that becomes the Secret which the pods read: where each value lies, and no value. */
export class ExternalSecret extends ExternalSecretObject {
  /** @param name the name that the pods ask for */
  constructor(scope: Construct, id: string, server: Server, { store, refresh }: ExternalStore, name: string) {
    const { [versionLabel]: _, ...labels } = labelsOf(server);
    super(scope, id, {
      metadata: { name, namespace: server.namespace, labels: labelsOf(server) },
      spec: {
        secretStoreRef: { kind: storeKinds[store.kind], name: store.name },
        refreshInterval: goDuration(refresh),
        target: {
          name,
          // The Secret goes when this object goes, as it does with a SealedSecret.
          creationPolicy: CreationPolicy.OWNER,
          // A store that loses a key, or is away, changes no Secret that pods run on, and is reported. With the other
          // policies the operator leaves a missing key out and says nothing (1.3.2, getProviderSecretData).
          deletionPolicy: DeletionPolicy.RETAIN,
          // Without a template the operator copies the labels and annotations of this object, and a new image, or a forced
          // refresh, writes the Secret anew: when it was last written would not tell when a value changed (0.20.4).
          template: { metadata: { labels }, type: 'Opaque' },
        },
        data: [...remoteRefsOf(server)].map(([secretKey, remoteRef]) => ({ secretKey, remoteRef })),
      },
    });
  }
}

/**
 * A duration as Go writes it, `1h0m0s`: the operator writes the field anew in that form when it first sees the object
 * (0.20.4), and any other would be a difference that Flux puts back each time.
 */
function goDuration(text: string): string {
  const numberOf = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
  const seconds = numberOf('h') * 3600 + numberOf('m') * 60 + numberOf('s');
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const from = parts.findIndex((part) => part > 0);
  return parts
    .map((part, index) => `${part}${'hms'.charAt(index)}`)
    .slice(from)
    .join('');
}

const storeKinds = {
  SecretStore: StoreKind.SECRET_STORE,
  ClusterSecretStore: StoreKind.CLUSTER_SECRET_STORE,
} as const satisfies Record<ExternalStore['store']['kind'], StoreKind>;
