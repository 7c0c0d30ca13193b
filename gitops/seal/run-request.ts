import type { SealRequest } from './request';
import { runFetch } from './run-fetch';
import { runRecovery } from './run-recovery';
import { runFinish, runRotation } from './run-rotation';
import { runDrop, runSeal } from './run-seal';
import { runStatus } from './run-status';
import type { SealWorld } from './seal-world';

/** Does what a command line asks for. Resolves with the exit code. @throws Problem or Problems */
export async function runRequest(request: SealRequest, world: SealWorld): Promise<number> {
  switch (request.kind) {
    case 'seal':
      return runSeal(request, world);
    case 'rotate':
      return runRotation(request, world);
    case 'finish':
      return runFinish(request, world);
    case 'drop':
      return runDrop(request, world);
    case 'recover':
      return runRecovery(request, world);
    case 'status':
      return runStatus(request, world);
    case 'fetch':
      return runFetch(request, world);
  }
}
