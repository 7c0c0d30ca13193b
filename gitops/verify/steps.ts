import { isReleased, isUnsealed, runsImage } from './cluster';
import { invokesTools } from './invoke';
import { speaksHandshake, speaksModern } from './mcp';
import { hasCname, isPublic, resolves } from './names';
import { isQuick } from './speed';
import type { Step } from './step';
import { hasValidTls } from './tls';
import { hasExpectedTools, isClosed, isHealthy, refusesOldToken, takesToken } from './worker';

/** Everything a deployed server is asked, each after what it depends on. */
export const steps: readonly Step[] = [
  resolves,
  hasCname,
  isPublic,
  hasValidTls,
  isHealthy,
  isClosed,
  takesToken,
  refusesOldToken,
  hasExpectedTools,
  speaksHandshake,
  speaksModern,
  invokesTools,
  isQuick,
  isUnsealed,
  isReleased,
  runsImage,
];
