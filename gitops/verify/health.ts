import { z } from 'zod';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { ask, jsonOf, unexpected } from './ask';
import { readCatalogue } from './catalogue';
import { type Finding, failed, passed, type Step } from './step';
import { type Target, urlOf } from './target';

const { health, tools } = contract.paths;

const Health = z.object({ status: z.literal('ok'), tool_count: z.string().regex(/^\d+$/) });

/** The dashboard's only check, made without a token. Passing proves nothing about the address or the secret. */
export const isHealthy: Step = {
  name: 'health',
  title: `${health} is 200`,
  needs: ['resolve', 'tls'],
  async run(target, facts, world) {
    const response = await ask(target, facts, world, health);
    const { success, data } = Health.safeParse(jsonOf(response));
    if (response.status !== 200 || !success) throw unexpected('HEALTH', target, health, response);
    const isUnusable = facts.isRefused && !target.isInternal;
    const caveat = isUnusable ? '; healthy, but the engine will load none of them: see "address is public"' : '';
    return passed(`${data.tool_count} tools${caveat}`, { toolCount: Number(data.tool_count) });
  },
};

/** The catalogue requires a token. Older Python images answer 403 (FastAPI before 0.122). */
export const isClosed: Step = {
  name: 'closed',
  title: `${tools} is refused without a token`,
  needs: ['health'],
  async run(target, facts, world) {
    const response = await ask(target, facts, world, tools);
    if ([401, 403].includes(response.status) && jsonOf(response) !== undefined) return passed(String(response.status));
    const isOpen = response.status === 200 && Array.isArray(readCatalogue(jsonOf(response)));
    if (!isOpen) throw unexpected('HEALTH', target, tools, response);
    throw new Problem('TOOLS-OPEN', `Anyone can list and call the tools of ${target.name}: it requires no token`, {
      path: urlOf(target, tools).href,
      fix: 'remove ARCADE_AUTH_DISABLED from the environment and restart the pods; anyone may have called the tools meanwhile',
    });
  },
};

const requests = 5;

/** Times several health requests over an open connection: the latency of the path to the pod. */
export const isQuick: Step = {
  name: 'speed',
  title: 'answers quickly',
  needs: ['health'],
  async run(target, facts, world) {
    const times: number[] = [];
    for (let asked = 0; asked < requests; asked += 1) {
      const response = await ask(target, facts, world, health);
      // An intermittent failure means that one pod or address lags behind the others.
      if (response.status !== 200) throw unexpected('HEALTH', target, health, response);
      times.push(response.ms);
    }
    return speedOf(target, times, world.slowMs);
  },
};

/** Judges the times of several requests, in milliseconds. */
export function speedOf(target: Target, times: readonly number[], slowMs: number): Finding {
  const sorted = [...times].sort((a, b) => a - b);
  const [median = 0, slowest = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const detail = `median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms of ${times.length}`;
  if (slowest <= slowMs) return passed(detail);
  return failed(
    new Problem('SLOW', `${target.name} answers slowly: ${detail}`, {
      path: urlOf(target, health).href,
      fix: `see whether its pods lack CPU: kubectl -n ${target.name} top pods`,
      level: 'warning',
    }),
  );
}
