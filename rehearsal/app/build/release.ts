import type { Plugin } from 'vite';
import { routesOf } from '../src/routes.ts';

const PROFILES = {
  'phase-7c': { phase7d: false, broken: false },
  'phase-7d': { phase7d: true, broken: false },
  'phase-7d-broken': { phase7d: true, broken: true },
} as const;

export interface Release {
  readonly name: keyof typeof PROFILES;
  readonly commit: string;
  readonly phase7d: boolean;
  readonly broken: boolean;
}

/** What is built, from the environment; says what is missing or unknown. */
export function releaseOf(env: Record<string, string | undefined>): Release {
  const name = env.VITE_RELEASE;
  if (name === undefined || !(name in PROFILES)) {
    throw new Error(`VITE_RELEASE is ${name ?? 'not set'}; set it to one of: ${Object.keys(PROFILES).join(', ')}`);
  }
  const commit = env.VITE_COMMIT ?? '';
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw new Error(`VITE_COMMIT is ${commit === '' ? 'not set' : commit}; set it to the full hash of the commit`);
  }
  const known = name as keyof typeof PROFILES;
  return { name: known, commit, ...PROFILES[known] };
}

/** Writes release.json and routes.json beside index.html: what this is, and every page it has. */
export function releaseFiles(release: Release): Plugin {
  return {
    name: 'release-files',
    generateBundle() {
      const facts = { release: release.name, commit: release.commit };
      const routes = routesOf(release.phase7d).map((route) => route.path);
      this.emitFile({ type: 'asset', fileName: 'release.json', source: `${JSON.stringify(facts)}\n` });
      this.emitFile({ type: 'asset', fileName: 'routes.json', source: `${JSON.stringify(routes)}\n` });
    },
  };
}
