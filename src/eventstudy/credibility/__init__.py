"""The methods applied many times: do they hold their level, can they see, does one choice decide?"""
