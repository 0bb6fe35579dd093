# ~/.bashrc of a Drydock machine
# bash asks for the host's name only once, and a node gets its name while the shell runs.
PROMPT_COMMAND='read -r HOSTNAME </proc/sys/kernel/hostname'
PS1='\[\e[1;32m\]\u@${HOSTNAME}\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
HISTCONTROL=ignoreboth
HISTSIZE=10000
shopt -s checkwinsize histappend
alias ls='ls --color=auto' ll='ls -l' la='ls -la' grep='grep --color=auto'
export EDITOR=nano LANG=C.UTF-8
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
