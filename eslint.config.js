import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** The folders of Drydock and what each may import (docs: README, "How it works"). */
const forbidPaths = (...group) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message: 'The layering forbids this import.' }] }],
});
const forbid = (...folders) => forbidPaths(...folders.map((folder) => `**/${folder}/**`));

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'public/', 'drydock-copy*/'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', 'bin/*.js'] },
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-undef': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  { files: ['worker/**'], rules: forbid('images', 'lessons', 'src', 'tests', 'bin') },
  { files: ['lessons/**'], rules: forbid('images', 'src', 'tests', 'bin', 'authoring') },
  { files: ['lessons/authoring/**'], rules: forbid('src', 'tests', 'bin') },
  { files: ['src/*'], rules: forbid('images', 'tests', 'bin') },
  // The app has a folder of that name, too.
  { files: ['src/*/**'], rules: forbidPaths('../../images/**', '**/tests/**', '**/bin/**') },
  { files: ['images/**'], rules: forbid('src', 'tests', 'bin') },
  { files: ['**/*.{js,mjs}'], ...ts.configs.disableTypeChecked },
);
