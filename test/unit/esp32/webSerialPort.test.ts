import { describe, expect, it } from 'vitest';
import { WebSerialPort } from '../../../core/link/esp32/loader/webSerialPort.ts';
import { scriptedTransport } from '../../../core/link/scriptedTransport.ts';
import type { LineControl, Transport } from '../../../core/link/transport.ts';

function recordingPort() {
  const calls: unknown[] = [];
  const control: LineControl = {
    setSignals: async (levels) => {
      calls.push(levels);
    },
    setBaudRate: async (baudRate) => {
      calls.push(baudRate);
    },
  };
  const scripted = scriptedTransport((received, say) => say(received.toUpperCase()));
  const transport: Transport = Object.assign(Object.create(scripted) as typeof scripted, { control });
  return { calls, scripted, port: new WebSerialPort(transport, 115_200) };
}

const readText = async (stream: ReadableStream<Uint8Array> | null): Promise<string> => {
  const reader = stream?.getReader();
  const { value } = (await reader?.read()) ?? {};
  reader?.releaseLock();
  return Buffer.from(value ?? []).toString('latin1');
};

describe('a Web-Serial-shaped port', () => {
  it('always sets both lines, and remembers the one that is not named', async () => {
    const { calls, port } = recordingPort();
    await port.setSignals({ dataTerminalReady: true });
    await port.setSignals({ requestToSend: true });
    await port.setSignals({ dataTerminalReady: false });
    expect(calls).toEqual([
      { dtr: true, rts: false },
      { dtr: true, rts: true },
      { dtr: false, rts: true },
    ]);
  });

  it('has fresh streams after each open and none while closed', async () => {
    const { port } = recordingPort();
    expect([port.readable, port.writable]).toEqual([null, null]);
    for (let round = 0; round < 2; round++) {
      await port.open({ baudRate: 115_200 });
      const writer = port.writable?.getWriter();
      const reply = readText(port.readable);
      await writer?.write(Buffer.from('sync'));
      writer?.releaseLock();
      expect(await reply).toBe('SYNC');
      const first = port.readable;
      await port.close();
      expect([port.readable, port.writable]).toEqual([null, null]);
      expect(first?.locked).toBe(false);
    }
  });

  it('changes the rate in place, and only when it differs', async () => {
    const { calls, port } = recordingPort();
    await port.open({ baudRate: 115_200 });
    await port.setBaudRate(460_800);
    await port.close();
    await port.open({ baudRate: 115_200 });
    expect(calls).toEqual([460_800, 115_200]);
  });

  it('ends its stream when the device vanishes, and counts what came', async () => {
    const { scripted, port } = recordingPort();
    await port.open({ baudRate: 115_200 });
    scripted.say('abc');
    expect(await readText(port.readable)).toBe('abc');
    expect(port.receivedBytes).toBe(3);
    scripted.vanish();
    const reader = port.readable?.getReader();
    expect(await reader?.read()).toEqual({ done: true, value: undefined });
  });
});
