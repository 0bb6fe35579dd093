import './presenter.css';
import type { Spotlight } from './protocol.ts';

/** Gives the page the look of a presentation; returns what takes it away. To be called in an effect. */
export function present(textSize: number, spotlight: Spotlight): () => void {
  const root = document.documentElement;
  root.style.setProperty('--presenter-text', `${textSize}px`);
  root.dataset['presenting'] = '';
  root.dataset['spotlight'] = spotlight;
  return () => {
    root.style.removeProperty('--presenter-text');
    delete root.dataset['presenting'];
    delete root.dataset['spotlight'];
  };
}
