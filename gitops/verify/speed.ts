import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { ask } from './ask';
import { type Finding, failed, passed, type Step } from './step';
import { type Target, urlOf } from './target';
import { unexpected } from './unexpected';

const requests = 5;

/** The vendor's deploy tool gives up on health after two seconds (arcade-mcp 1.26.0); an engine may as well. */
const slowMs = 2000;

/** Health a few times over an open connection: what the way to the pod costs. */
export const isQuick: Step = {
  name: 'speed',
  title: 'answers in good time',
  needs: ['health'],
  async run(target, facts, world) {
    const found: number[] = [];
    for (let asked = 0; asked < requests; asked += 1) {
      const answer = await ask(target, facts, world, contract.paths.health);
      // One that fails now and then is a pod, or an address, that is behind the others.
      if (answer.status !== 200) {
        return failed(unexpected('HEALTH', target, urlOf(target, contract.paths.health), answer));
      }
      found.push(answer.ms);
    }
    return speedOf(target, found);
  },
};

/** Judges the times of several requests, in milliseconds. */
export function speedOf(target: Target, times: readonly number[]): Finding {
  const sorted = [...times].sort((a, b) => a - b);
  const [median = 0, slowest = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const detail = `median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms of ${times.length}`;
  if (slowest <= slowMs) return passed(detail);
  return failed(
    new Problem('SLOW', `${target.name} answers slowly: ${detail}`, {
      path: urlOf(target, contract.paths.health).href,
      fix: `see whether its pods lack CPU: kubectl -n ${target.name} top pods`,
      level: 'warning',
    }),
  );
}
