# ~/.bashrc of a Drydock machine
PS1='\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
HISTCONTROL=ignoreboth
HISTSIZE=10000
shopt -s checkwinsize histappend
alias ls='ls --color=auto' ll='ls -l' la='ls -la' grep='grep --color=auto'
export EDITOR=nano LANG=C.UTF-8
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
