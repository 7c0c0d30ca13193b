import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Server } from '../model/spec';
import { labelsOf } from './labels';

/**
 * The Namespace of a server, with its Pod Security levels. `restricted` is enforced in the plain runtime, which complies.
 * The private chart's security context is unknown, so there `baseline` is enforced and `restricted` only warns.
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
