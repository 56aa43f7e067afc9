// electron-builder's configuration. The bundles need no packages but those with native parts.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';

const NATIVE_PACKAGES = [
  'better-sqlite3',
  'serialport',
  '@serialport',
  'bindings',
  'file-uri-to-path',
  'node-gyp-build',
  'debug',
  'ms',
  // Keys on PKCS#11 tokens.
  'koffi',
  '@koromix',
];

/** The tests' package may be looked into with a debugger; the released one may not. */
const forTests = process.env.KEYLINE_PACKAGE_FOR_TESTS === '1';

export const configuration: Configuration = {
  appId: 'org.keyline.station',
  productName: 'Keyline',
  executableName: 'keyline-station',
  copyright: 'The Keyline authors, Apache-2.0',
  directories: { output: 'dist/package', buildResources: 'build' },
  files: [
    'package.json',
    'dist/electron/{main,preload,station,selfCheck}.cjs',
    'dist/renderer/**',
    'resources/{profiles,targets}/**',
    '!node_modules/**',
    ...NATIVE_PACKAGES.map((name) => `node_modules/${name}/**`),
    '!node_modules/better-sqlite3/{deps,src}/**',
    '!node_modules/koffi/{doc,src,vendor}/**',
    // Prebuilt parts for this platform only.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own macros
    '!node_modules/better-sqlite3/prebuilds/!(${platform}-${arch}).node',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own macros
    '!node_modules/@serialport/bindings-cpp/{src,prebuilds/!(${platform}-*)}/**',
    '!**/*.{md,ts,map,c,cc,cpp,h,gyp}',
  ],
  // The window's languages; Chromium brings fifty more.
  electronLanguages: ['en', 'en-US', 'de'],
  asar: true,
  asarUnpack: ['**/*.node'],
  npmRebuild: false,
  nodeGypRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: forTests,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  // Electron's own demonstration app: never loaded, and not ours.
  afterPack: ({ appOutDir, packager }) => {
    rmSync(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
  },
  extraMetadata: { homepage: 'https://keyline.example' },
  extraResources: [{ from: 'build/99-keyline.rules', to: '99-keyline.rules' }],
  linux: {
    target: ['AppImage', 'deb', 'tar.gz'],
    category: 'Development',
    icon: 'build/icons',
    synopsis: 'Gives hardware its identity',
    // A deb without these is refused; the addresses are the reserved ones until there are real ones.
    maintainer: 'The Keyline authors <authors@keyline.example>',
  },
  deb: {
    depends: ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'udev'],
    afterInstall: 'build/afterInstall.sh',
  },
  win: { target: ['nsis'], icon: 'build/icon.ico' },
  nsis: { oneClick: false, perMachine: true, allowToChangeInstallationDirectory: true },
  mac: {
    target: ['dmg'],
    icon: 'build/icon.icns',
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    entitlements: join('build', 'entitlements.mac.plist'),
    entitlementsInherit: join('build', 'entitlements.mac.plist'),
  },
};
