/**
 * Flushes every connection that has written something, once per turn of the event loop.
 *
 * One `setImmediate` serves all connections: it runs after the poll phase, so everything that was read in this turn,
 * and the promises it settled, has been answered by then and leaves in one write per connection.
 */
export interface Flushable {
  flush(): void;
}

export class FlushQueue {
  private dirty: Flushable[] = [];
  private spare: Flushable[] = [];
  private readonly run: () => void = () => {
    const now = this.dirty;
    this.dirty = this.spare;
    this.spare = now;
    for (let i = 0; i < now.length; i++) (now[i] as Flushable).flush();
    now.length = 0;
  };

  add(connection: Flushable): void {
    if (this.dirty.push(connection) === 1) setImmediate(this.run);
  }
}
