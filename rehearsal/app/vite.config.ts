import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { releaseFiles, releaseOf } from './build/release.ts';

// For `npm run dev` and `npm run preview`: where the API server listens.
const api = process.env.FLEETIFY_API_URL ?? 'http://127.0.0.1:8700';

export default defineConfig(({ command, isPreview }) => {
  const building = command === 'build';
  const stand = { VITE_RELEASE: 'phase-7d', VITE_COMMIT: '0'.repeat(40) };
  const release = releaseOf(building ? process.env : { ...stand, ...process.env });
  if (!building || isPreview === true) Object.assign(process.env, { ...stand, ...process.env });
  process.env.VITE_API_BASE ??= '/api';
  return {
    plugins: [react(), releaseFiles(release)],
    define: { __PHASE_7D__: String(release.phase7d), __BROKEN__: String(release.broken) },
    build: {
      target: 'es2022',
      assetsDir: 'assets',
      assetsInlineLimit: 0,
      sourcemap: false,
      reportCompressedSize: false,
      modulePreload: { polyfill: false },
    },
    server: { host: '127.0.0.1', proxy: { '/api': api } },
    preview: { host: '127.0.0.1', proxy: { '/api': api } },
    test: { include: ['src/**/*.test.ts', 'build/**/*.test.ts'] },
  };
});
