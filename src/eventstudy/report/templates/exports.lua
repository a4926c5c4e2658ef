-- Pandoc filter: of the whole report keeps only the captions and notes of its tables, for LaTeX, each below a
-- comment that names it. Numbers and cross-references are those of report.lua; links become their text.

local report = dofile("report.lua")

local function plain(blocks)
  return pandoc.Blocks(blocks):walk({
    Link = function(link)
      if link.target:match("^#%a+:") then link.content:insert(pandoc.Str(" of the report")) end
      return link.content
    end,
    Span = function(span) return span.content end,
  })
end

local function pick(document)
  document = pandoc.utils.citeproc(document)
  local out = pandoc.Blocks({})
  local take = {
    Div = function(div)
      if not div.identifier:match("^tbl:") then return nil end
      for _, part in ipairs(div.content) do
        local class = part.t == "Div" and part.classes[1]
        if class == "caption" or class == "note" then
          out:insert(pandoc.RawBlock("latex", "%% " .. div.identifier .. " " .. class))
          out:extend(plain(part.content))
        end
      end
    end,
  }
  if document.meta.abstract then pandoc.Blocks(document.meta.abstract):walk(take) end
  document.blocks:walk(take)
  return pandoc.Pandoc(out)
end

return { report[1], report[2], { Pandoc = pick } }
