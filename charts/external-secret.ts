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

/** The ExternalSecret that creates the pods' Secret. It has references to the values, and no value. */
export class ExternalSecret extends ExternalSecretObject {
  /** @param name the name of the Secret that the pods reference */
  constructor(scope: Construct, id: string, server: Server, { store, refresh }: ExternalStore, name: string) {
    const { [versionLabel]: _, ...labels } = labelsOf(server);
    super(scope, id, {
      metadata: { name, namespace: server.namespace, labels: labelsOf(server) },
      spec: {
        secretStoreRef: { kind: storeKinds[store.kind], name: store.name },
        refreshInterval: goDuration(refresh),
        target: {
          name,
          // Delete the Secret with this object, as a SealedSecret does.
          creationPolicy: CreationPolicy.OWNER,
          // Keep the Secret and report an error when the store loses a key or is down. With the other policies the
          // operator silently drops a missing key (1.3.2, getProviderSecretData).
          deletionPolicy: DeletionPolicy.RETAIN,
          // Without a template the operator copies this object's labels and annotations. A new image or a forced refresh
          // would then rewrite the Secret, whose last write should show when a value changed (0.20.4).
          template: { metadata: { labels }, type: 'Opaque' },
        },
        data: [...remoteRefsOf(server)].map(([secretKey, remoteRef]) => ({ secretKey, remoteRef })),
      },
    });
  }
}

/**
 * Formats a duration as Go does, `1h0m0s`. The operator normalizes the field to this form (0.20.4), so Flux would revert
 * any other form again and again.
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
