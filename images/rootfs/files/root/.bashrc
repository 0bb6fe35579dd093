# ~/.bashrc of a Drydock machine
# bash asks for the host's name only once, and a node gets its name while the shell runs.
PROMPT_COMMAND='read -r HOSTNAME </proc/sys/kernel/hostname'
# Where a prompt and a command begin and end, told to the terminal in the marks that terminals have for it (OSC 133).
PS1='\[\e]133;D;$?\a\e]133;A\a\e[1;32m\]\u@${HOSTNAME}\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ \[\e]133;B\a\]'
PS0='\e]133;C\a'
HISTCONTROL=ignoreboth
HISTSIZE=10000
shopt -s checkwinsize histappend
alias ls='ls --color=auto' ll='ls -l' la='ls -la' grep='grep --color=auto'
export EDITOR=nano LANG=C.UTF-8
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
