/** Which of the two a narrow window shows. */
class NarrowView {
  shown = $state.raw<'lesson' | 'terminals'>('lesson');
}

export const narrowView = new NarrowView();
