// What the window may not do, read from the window as it runs: DESIGN section 5's renderer, from inside and from main.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, missingApp, type RunningApp } from './electron.ts';
import { type Bench, openBench } from './fleet.ts';

describe.skipIf(missingApp !== undefined)(`the live window ${missingApp ?? ''}`, () => {
  let bench: Bench;
  let running: RunningApp;

  beforeAll(async () => {
    bench = openBench();
    running = await launch(bench);
    await running.page.getByLabel('Station name').waitFor();
  });
  afterAll(async () => {
    await running?.close();
    await bench?.close();
  });

  it('is sandboxed and isolated, without Node', async () => {
    const all = await running.app.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map((contents) => ({
        ...(
          contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
        ).getLastWebPreferences(),
      })),
    );
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    });
    const seen = await running.page.evaluate(() => {
      const own = globalThis as unknown as Record<string, unknown>;
      const bridge = own.keyline as object;
      let replaced: unknown;
      try {
        (bridge as Record<string, unknown>).connect = () => 'mine';
        replaced = String((bridge as Record<string, unknown>).connect).includes('mine');
      } catch {
        replaced = false;
      }
      return {
        node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in own),
        bridge: Object.keys(bridge),
        frozen: Object.isFrozen(bridge),
        replaced,
      };
    });
    expect(seen).toEqual({ node: [], bridge: ['connect'], frozen: true, replaced: false });
  });

  it('comes from keyline://app with a policy that lets nothing else in', async () => {
    const { app, page } = running;
    expect(await page.evaluate(() => location.origin)).toBe('keyline://app');
    const served = await app.evaluate(async ({ net }) => {
      const ask = async (url: string, method = 'GET') => {
        const response = await net.fetch(url, { method });
        return { status: response.status, policy: response.headers.get('content-security-policy') };
      };
      return {
        page: await ask('keyline://app/index.html'),
        above: await ask('keyline://app/..%2f..%2fpackage.json'),
        source: await ask('keyline://app/electron/main.cjs'),
        otherHost: await ask('keyline://other/index.html'),
        post: await ask('keyline://app/index.html', 'POST'),
      };
    });
    const directives = Object.fromEntries(
      (served.page.policy ?? '').split(';').map((part) => {
        const [name = '', ...values] = part.trim().split(' ');
        return [name, values.join(' ')];
      }),
    );
    expect(directives).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self'",
      'font-src': "'self'",
      'connect-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(served.page.status).toBe(200);
    for (const other of [served.above, served.source, served.otherHost, served.post])
      expect(other.status).toBe(404);
  });

  it('runs no script, frame, worker or connection that a page would bring in', async () => {
    const tried = await running.page.evaluate(async () => {
      const own = globalThis as unknown as Record<string, unknown>;
      const settled = (promise: Promise<unknown>): Promise<string> =>
        Promise.race([
          promise.then(
            () => 'went through',
            () => 'refused',
          ),
          new Promise<string>((resolve) => setTimeout(() => resolve('nothing came'), 2_000)),
        ]);
      const loads = (element: HTMLElement): Promise<unknown> =>
        new Promise((resolve, reject) => {
          element.addEventListener('load', resolve);
          element.addEventListener('error', reject);
          document.body.append(element);
        });
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.injected = true';
      document.head.append(inline);
      const handler = document.createElement('button');
      handler.setAttribute('onclick', 'globalThis.injected = true');
      document.body.append(handler);
      handler.click();
      // Not at once: what a debugger evaluates may do so whatever the policy says.
      const evaluated = await settled(
        new Promise((resolve, reject) => {
          setTimeout(() => {
            try {
              resolve(new Function('return 1')());
            } catch (thrown) {
              reject(thrown);
            }
          }, 10);
        }),
      );
      const remote = Object.assign(document.createElement('script'), { src: 'https://example.com/a.js' });
      const image = Object.assign(document.createElement('img'), { src: 'https://example.com/a.png' });
      const violated: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) =>
        violated.push(event.effectiveDirective),
      );
      document.body.append(
        // Even of its own address: nothing is to be framed.
        Object.assign(document.createElement('iframe'), { src: 'keyline://app/index.html' }),
        Object.assign(document.createElement('base'), { href: 'https://example.com/' }),
      );
      const outcome = {
        injected: own.injected ?? 'refused',
        evaluated,
        remoteScript: await settled(loads(remote)),
        remoteImage: await settled(loads(image)),
        fetched: await settled(fetch('https://example.com/')),
        file: await settled(fetch('file:///etc/passwd')),
        socket: await settled(
          new Promise((resolve, reject) => {
            const socket = new WebSocket('wss://example.com/');
            socket.onopen = resolve;
            socket.onerror = reject;
          }),
        ),
        worker: await settled(
          new Promise((resolve, reject) => {
            const url = URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'text/javascript' }));
            const worker = new Worker(url);
            worker.onmessage = resolve;
            worker.onerror = reject;
          }),
        ),
        base: document.baseURI,
      };
      // A frame's refusal is told when its process would have begun.
      for (let waited = 0; waited < 100 && !violated.includes('frame-src'); waited += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
      return { ...outcome, violated: [...new Set(violated)] };
    });
    expect(tried).toMatchObject({
      injected: 'refused',
      evaluated: 'refused',
      remoteScript: 'refused',
      remoteImage: 'refused',
      fetched: 'refused',
      file: 'refused',
      socket: 'refused',
      worker: 'refused',
    });
    expect(tried.base).toMatch(/^keyline:\/\/app\//);
    expect(tried.violated).toEqual(expect.arrayContaining(['frame-src', 'base-uri']));
    await running.page.reload();
    await running.page.getByLabel('Station name').waitFor();
  });

  it('is given no permission, no device and no second window', async () => {
    const { app, page } = running;
    const given = await page.evaluate(async () => {
      const states: Record<string, string> = {};
      for (const name of ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi']) {
        states[name] = await navigator.permissions.query({ name: name as PermissionName }).then(
          ({ state }) => state,
          () => 'denied',
        );
      }
      const devices = navigator as unknown as Record<string, { getPorts?(): Promise<unknown[]> } | undefined>;
      return {
        states,
        camera: await (navigator.mediaDevices?.getUserMedia({ video: true }) ?? Promise.reject()).then(
          () => 'given',
          () => 'refused',
        ),
        notifications: await Notification.requestPermission(),
        ports: (await devices.serial?.getPorts?.()) ?? [],
        opened: window.open('keyline://app/index.html') !== null,
        openedRemote: window.open('https://example.com') !== null,
      };
    });
    expect(new Set(Object.values(given.states))).toEqual(new Set(['denied']));
    expect(given).toMatchObject({
      camera: 'refused',
      notifications: 'denied',
      ports: [],
      opened: false,
      openedRemote: false,
    });
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });

  it('downloads nothing from elsewhere', async () => {
    const { app, page } = running;
    await app.evaluate(({ session }) => {
      const own = globalThis as unknown as { downloads: string[] };
      own.downloads = [];
      session.defaultSession.on('will-download', (event, item) => {
        if (!event.defaultPrevented) own.downloads.push(item.getURL());
      });
    });
    await page.evaluate(() => {
      for (const href of ['https://example.com/a.bin', 'keyline://app/index.html', 'data:text/plain,a'])
        Object.assign(document.createElement('a'), { href, download: 'a.bin' }).click();
    });
    await page.waitForTimeout(500);
    const begun = await app.evaluate(() => (globalThis as unknown as { downloads: string[] }).downloads);
    expect(begun).toEqual([]);
  });

  it('stays where it is, whoever wants to lead it away', async () => {
    const { page } = running;
    for (const target of [
      'https://example.com/',
      'file:///etc/passwd',
      'data:text/html,hello',
      'keyline://other/',
    ]) {
      await page.evaluate((url) => {
        location.href = url;
      }, target);
      await page.evaluate((url) => {
        const link = Object.assign(document.createElement('a'), { href: url, target: '_top' });
        document.body.append(link);
        link.click();
        link.remove();
      }, target);
      await page.waitForTimeout(200);
      expect(page.url()).toMatch(/^keyline:\/\/app\//);
    }
    expect(await page.evaluate(() => document.querySelector('main') !== null)).toBe(true);
  });
});
