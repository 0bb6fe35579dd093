import { z } from '../../worker/schema.ts';

const eventSchema = z.object({
  Type: z.literal('container'),
  Action: z.enum(['start', 'die', 'destroy']),
  Actor: z.object({ ID: z.string() }),
});

/** Whether an event of the Engine tells that the container has begun or ended to run. @param event JSON */
export function concernsContainer(event: string, id: string): boolean {
  try {
    return eventSchema.parse(JSON.parse(event)).Actor.ID === id;
  } catch {
    return false;
  }
}
