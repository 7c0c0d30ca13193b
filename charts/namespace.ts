import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Server } from '../model/spec';
import { labelsOf } from './labels';

/**
 * The Namespace of a server, with the Pod Security levels. The private chart's pod security context is not known, so
 * `restricted` warns and only `baseline` is enforced there; our own workload complies and is held to it.
 */
export class Namespace extends ApiObject {
  constructor(scope: Construct, id: string, server: Server) {
    const enforced = server.runtime === 'plain' ? 'restricted' : 'baseline';
    super(scope, id, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: server.namespace,
        labels: {
          ...labelsOf(server),
          ...podSecurity('enforce', enforced),
          ...podSecurity('audit', 'restricted'),
          ...podSecurity('warn', 'restricted'),
        },
      },
    });
  }
}

function podSecurity(mode: 'enforce' | 'audit' | 'warn', level: 'baseline' | 'restricted'): Record<string, string> {
  const key = `pod-security.kubernetes.io/${mode}`;
  return { [key]: level, [`${key}-version`]: 'latest' };
}
